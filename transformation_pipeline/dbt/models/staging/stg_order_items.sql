with

orders as (
    select * from {{ ref('stg_orders') }}
    where {{ not_built_yet('_staged_at', '_orders_through') }}
),

orders_through as (
    select max(_staged_at) as staged_at from orders
),

order_lines as (
    select
        orders.order_id,
        orders.order_date,
        orders.change_seq,
        line_item.unnest as item
    from orders,
        unnest({{ json_array('orders.items') }}) as line_item
),

final as (
    select
        order_lines.order_id,
        get_json_int(order_lines.item, '$.line_no') as line_no,
        order_lines.order_date,
        get_json_int(order_lines.item, '$.product_id') as product_id,
        get_json_int(order_lines.item, '$.quantity') as quantity,
        -- Money is a JSON string: a JSON number would pass through a double.
        cast(
            get_json_string(order_lines.item, '$.unit_price') as decimal(18, 2)
        ) as unit_price,
        cast(
            get_json_string(order_lines.item, '$.discount_amount') as decimal(18, 2)
        ) as discount_amount,
        order_lines.change_seq,
        orders_through.staged_at as _orders_through
    from order_lines
    cross join orders_through
)

select * from final
