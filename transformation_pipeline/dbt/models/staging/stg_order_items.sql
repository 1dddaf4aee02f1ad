with

orders as (
    select * from {{ ref('stg_orders') }}
    where {{ not_built_yet('_staged_at', '_orders_through') }}
),

orders_through as (
    select max(_staged_at) as staged_at from orders
),

lines as (
    select
        orders.order_id,
        orders.order_date,
        orders.change_seq,
        line.unnest as item
    from orders,
        unnest(cast(orders.items as array<json>)) as line
),

final as (
    select
        lines.order_id,
        cast(get_json_int(lines.item, '$.line_no') as int) as line_no,
        lines.order_date,
        get_json_int(lines.item, '$.product_id') as product_id,
        cast(get_json_int(lines.item, '$.quantity') as int) as quantity,
        -- Money is a JSON string: a JSON number would pass through a double.
        cast(
            get_json_string(lines.item, '$.unit_price') as decimal(18, 2)
        ) as unit_price,
        cast(
            get_json_string(lines.item, '$.discount_amount') as decimal(18, 2)
        ) as discount_amount,
        lines.change_seq,
        orders_through.staged_at as _orders_through
    from lines
    cross join orders_through
)

select * from final
