with

orders as (
    select * from {{ ref('stg_orders') }}
),

items as (
    select * from {{ ref('fact_order_items') }}
),

orders_to_build as (
    select order_id from orders
    where {{ not_built_yet('_staged_at', '_orders_through') }}
    union distinct
    select order_id from items
    where {{ not_built_yet('_built_at', '_items_through') }}
),

inputs_through as (
    select
        (select max(_staged_at) from orders) as orders_through,
        (select max(_built_at) from items) as items_through
),

write_time as (
    {{ write_time('_built_at') }}
),

order_lines as (
    select
        items.order_id,
        max(items.customer_key) as customer_key,
        max(items.exchange_rate) as exchange_rate,
        count(*) as line_count,
        {{ money_sums([
            'gross_amount', 'discount_amount', 'gross_amount_eur',
            'discount_amount_eur', 'net_amount_eur',
        ], 'items') }},
        cast(sum(items.quantity) as bigint) as quantity
    from orders_to_build
    inner join items
        on orders_to_build.order_id = items.order_id
    group by items.order_id
),

final as (
    select
        orders.order_id,
        orders.order_date,
        orders.customer_id,
        order_lines.customer_key,
        orders.ordered_at,
        orders.status,
        orders.channel,
        orders.currency,
        orders.ship_country_code,
        coalesce(order_lines.line_count, 0) as line_count,
        coalesce(order_lines.quantity, 0) as quantity,
        order_lines.gross_amount,
        order_lines.discount_amount,
        orders.shipping_amount,
        orders.total_amount,
        order_lines.gross_amount_eur,
        order_lines.discount_amount_eur,
        order_lines.net_amount_eur,
        {{ in_euro('orders.shipping_amount', 'order_lines.exchange_rate') }}
            as shipping_amount_eur,
        cast(
            order_lines.net_amount_eur
            + {{ in_euro('orders.shipping_amount', 'order_lines.exchange_rate') }}
            as decimal(18, 2)
        ) as total_amount_eur,
        {{ status_columns('orders') }},
        inputs_through.orders_through as _orders_through,
        inputs_through.items_through as _items_through,
        write_time.written_at as _built_at
    from orders_to_build
    inner join orders
        on orders_to_build.order_id = orders.order_id
    left join order_lines
        on orders.order_id = order_lines.order_id
    cross join inputs_through
    cross join write_time
)

select * from final
