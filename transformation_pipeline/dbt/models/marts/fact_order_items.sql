with

orders as (
    select * from {{ ref('stg_orders') }}
),

items as (
    select * from {{ ref('stg_order_items') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

rates as (
    select * from {{ ref('int_fx_rate_intervals') }}
),

orders_to_build as (
    {{ orders_to_build() }}
),

build as (
    {{ build_of_order_items() }}
),

order_lines as (
    select
        items.order_id,
        items.line_no,
        items.order_date,
        items.product_id,
        items.quantity,
        items.unit_price,
        items.discount_amount,
        orders.customer_id,
        orders.ordered_at,
        orders.status,
        orders.channel,
        orders.ship_country_code,
        orders.currency,
        customers.customer_key,
        products.product_key,
        cast(items.quantity * items.unit_price as decimal(18, 2)) as gross_amount,
        cast(items.quantity * products.unit_cost as decimal(18, 2)) as cost_amount_eur,
        cast(
            case when orders.currency = 'EUR' then 1 else rates.rate end as decimal(18, 8)
        ) as exchange_rate,
        build.*
    from orders_to_build
    inner join orders on orders_to_build.order_id = orders.order_id
    inner join items on orders.order_id = items.order_id
    left join customers
        on {{ valid_at('customers', 'customer_id', 'orders', 'orders.ordered_at') }}
    left join products
        on {{ valid_at('products', 'product_id', 'items', 'orders.ordered_at') }}
    left join rates
        on {{ valid_at('rates', 'currency', 'orders', 'orders.order_date') }}
    cross join build
),

final as (
    select
        order_id,
        line_no,
        order_date,
        ordered_at,
        customer_id,
        customer_key,
        product_id,
        product_key,
        status,
        channel,
        ship_country_code,
        currency,
        exchange_rate,
        quantity,
        unit_price,
        gross_amount,
        discount_amount,
        cast(gross_amount - discount_amount as decimal(18, 2)) as net_amount,
        {{ in_euro('gross_amount') }} as gross_amount_eur,
        {{ in_euro('discount_amount') }} as discount_amount_eur,
        cast(
            {{ in_euro('gross_amount') }} - {{ in_euro('discount_amount') }} as decimal(18, 2)
        ) as net_amount_eur,
        cost_amount_eur,
        orders_through as _orders_through,
        customers_through as _customers_through,
        products_through as _products_through,
        rates_through as _rates_through,
        written_at as _built_at
    from order_lines
)

select * from final
