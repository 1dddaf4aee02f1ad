{{ config(
    tags=['reconciliation'],
    meta={
        'description':
            'The same totals in both, to the cent, over all orders built from the same lines.',
        'dagster': {'ref': {'name': 'fact_orders'}},
    }
) }}

with

built as (
    select max(_items_through) as items_through from {{ ref('fact_orders') }}
),

order_lines as (
    select
        order_id,
        count(*) as line_count,
        sum(net_amount) as net_amount,
        sum(net_amount_eur) as net_amount_eur,
        max(_built_at) as built_at
    from {{ ref('fact_order_items') }}
    group by order_id
),

final as (
    select
        coalesce(facts.order_id, order_lines.order_id) as order_id,
        facts.line_count,
        order_lines.line_count as order_line_count,
        facts.gross_amount - facts.discount_amount as net_amount,
        order_lines.net_amount as lines_net_amount,
        coalesce(facts.net_amount_eur, 0) as net_amount_eur,
        coalesce(order_lines.net_amount_eur, 0) as lines_net_amount_eur
    from {{ ref('fact_orders') }} as facts
    full outer join order_lines
        on facts.order_id = order_lines.order_id
    cross join built
    where coalesce(order_lines.built_at <= built.items_through, true)
)

select * from final
where
    coalesce(line_count <> order_line_count, true)
    or coalesce(net_amount <> lines_net_amount, true)
    or net_amount_eur <> lines_net_amount_eur
