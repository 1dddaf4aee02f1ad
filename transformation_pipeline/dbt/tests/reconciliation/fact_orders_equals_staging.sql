-- depends_on: {{ ref('fact_orders') }}
{{ config(
    tags=['reconciliation'],
    meta={
        'description':
            'Every staged order is in fact_orders with its status, lines and amounts, to the ' ~
            'cent, and nothing else is. What was staged after fact_orders was built is pending.',
        'dagster': {'ref': {'name': 'fact_orders'}},
    }
) }}

with

built as (
    select max(_orders_through) as orders_through from {{ ref('fact_orders') }}
),

staged_lines as (
    select
        order_id,
        count(*) as line_count,
        sum(quantity * unit_price) as gross_amount,
        sum(discount_amount) as discount_amount
    from {{ ref('stg_order_items') }}
    group by order_id
),

staged as (
    select
        orders.order_id,
        orders.status,
        orders.total_amount,
        staged_lines.line_count,
        staged_lines.gross_amount,
        staged_lines.discount_amount,
        orders._staged_at
    from {{ ref('stg_orders') }} as orders
    left join staged_lines
        on orders.order_id = staged_lines.order_id
),

final as (
    select
        coalesce(staged.order_id, facts.order_id) as order_id,
        staged.status <> facts.status as status_differs,
        staged.line_count <> facts.line_count as line_count_differs,
        staged.gross_amount <> facts.gross_amount as gross_differs,
        staged.discount_amount <> facts.discount_amount as discount_differs,
        staged.total_amount <> facts.total_amount as total_differs
    from staged
    full outer join {{ ref('fact_orders') }} as facts
        on staged.order_id = facts.order_id
    cross join built
    where coalesce(staged._staged_at <= built.orders_through, true)
)

select * from final
where
    coalesce(status_differs, true)
    or coalesce(line_count_differs, true)
    or coalesce(gross_differs, true)
    or coalesce(discount_differs, true)
    or coalesce(total_differs, true)
