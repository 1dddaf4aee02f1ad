{#- What fact_order_items reads, and which orders it builds. -#}

{#- How far this build reads each input, where the next one starts, and when it writes. Orders count
    as read as far as their lines are there: without them nothing is built. -#}
{% macro build_of_order_items() -%}
    select
        (select max(_orders_through) from {{ ref('stg_order_items') }}) as orders_through,
        (select max(_built_at) from {{ ref('dim_customer') }}) as customers_through,
        (select max(_built_at) from {{ ref('dim_product') }}) as products_through,
        (select max(_staged_at) from {{ ref('stg_fx_rates') }}) as rates_through,
        write_time.written_at
    from ({{ write_time('_built_at') }}) as write_time
{%- endmacro %}

{#- Orders that changed, and orders whose lines would get another customer version, product version
    or rate than they have: a version or rate that came late, or a corrected rate. -#}
{% macro orders_to_build() -%}
    select order_id from orders
    where {{ not_built_yet('_staged_at', '_orders_through') }}
    {% if is_incremental() -%}
    union distinct
    select built.order_id
    from {{ this }} as built
    inner join customers
        on {{ valid_at('customers', 'customer_id', 'built', 'built.ordered_at') }}
    where
        {{ not_built_yet('customers._built_at', '_customers_through') }}
        and coalesce(built.customer_key, '') <> customers.customer_key
    union distinct
    select built.order_id
    from {{ this }} as built
    inner join products
        on {{ valid_at('products', 'product_id', 'built', 'built.ordered_at') }}
    where
        {{ not_built_yet('products._built_at', '_products_through') }}
        and coalesce(built.product_key, '') <> products.product_key
    union distinct
    select built.order_id
    from {{ this }} as built
    inner join rates
        on {{ valid_at('rates', 'currency', 'built', 'built.order_date') }}
    where
        {{ not_built_yet('rates._staged_at', '_rates_through') }}
        and coalesce(built.exchange_rate, 0) <> rates.rate
    {%- endif %}
{%- endmacro %}
