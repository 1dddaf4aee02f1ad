-- depends_on: {{ ref('stg_order_items') }}
{{ config(
    tags=['reconciliation'],
    meta={
        'description':
            'The lines and amounts of every staged order are those of the raw event it came from, ' ~
            'to the cent. (That it is the newest event: stages_every_event.)',
        'dagster': {'ref': {'name': 'stg_order_items'}},
    }
) }}

with

staged_lines as (
    select
        order_id,
        count(*) as line_count,
        sum(quantity) as quantity,
        sum(quantity * unit_price) as gross_amount,
        sum(discount_amount) as discount_amount
    from {{ ref('stg_order_items') }}
    group by order_id
),

raw_events as (
    select raw_orders.*
    from {{ ref('stg_orders') }} as orders
    inner join {{ source('retail_raw', 'raw_orders') }} as raw_orders
        on
            orders.order_id = raw_orders.order_id
            and orders.change_seq = raw_orders.change_seq
),

raw_lines as (
    select
        raw_events.order_id,
        get_json_int(line_item.unnest, '$.quantity') as quantity,
        cast(get_json_string(line_item.unnest, '$.unit_price') as decimal(18, 2)) as unit_price,
        cast(
            get_json_string(line_item.unnest, '$.discount_amount') as decimal(18, 2)
        ) as discount_amount
    from raw_events,
        unnest({{ json_array('raw_events.items') }}) as line_item
),

summed_raw_lines as (
    select
        order_id,
        count(*) as line_count,
        sum(quantity) as quantity,
        sum(quantity * unit_price) as gross_amount,
        sum(discount_amount) as discount_amount
    from raw_lines
    group by order_id
),

final as (
    select
        orders.order_id,
        orders.total_amount <> raw_events.total_amount as total_differs,
        orders.shipping_amount <> raw_events.shipping_amount as shipping_differs,
        staged_lines.line_count <> raw_lines.line_count as line_count_differs,
        staged_lines.quantity <> raw_lines.quantity as quantity_differs,
        staged_lines.gross_amount <> raw_lines.gross_amount as gross_differs,
        staged_lines.discount_amount <> raw_lines.discount_amount as discount_differs
    from {{ ref('stg_orders') }} as orders
    left join raw_events
        on
            orders.order_id = raw_events.order_id
            and orders.change_seq = raw_events.change_seq
    left join summed_raw_lines as raw_lines
        on orders.order_id = raw_lines.order_id
    left join staged_lines
        on orders.order_id = staged_lines.order_id
)

select * from final
where
    coalesce(total_differs, true)
    or coalesce(shipping_differs, true)
    or coalesce(line_count_differs, true)
    or coalesce(quantity_differs, true)
    or coalesce(gross_differs, true)
    or coalesce(discount_differs, true)
