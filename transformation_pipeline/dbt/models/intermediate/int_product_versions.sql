with

raw_products as (
    select * from {{ source('retail_raw', 'raw_products') }}
),

products as (
    select * from {{ ref('stg_products') }}
    where {{ not_built_yet('_staged_at', '_products_through') }}
),

products_through as (
    select max(_staged_at) as staged_at from products
),

write_time as (
    {{ write_time('_staged_at') }}
),

events as (
    select
        raw_products.*,
        lead(raw_products.changed_at) over (
            partition by raw_products.product_id
            order by raw_products.change_seq, raw_products.changed_at
        ) as next_changed_at
    from products
    inner join raw_products
        on products.product_id = raw_products.product_id
),

final as (
    select
        events.product_id,
        events.change_seq,
        events.sku,
        events.name,
        events.category,
        events.brand,
        events.unit_price,
        events.unit_cost,
        events.currency,
        events.is_active,
        events.changed_at as valid_from,
        coalesce(events.next_changed_at, {{ end_of_time() }}) as valid_to,
        events.next_changed_at is null as is_current,
        products_through.staged_at as _products_through,
        write_time.written_at as _staged_at
    from events
    cross join products_through
    cross join write_time
)

select * from final
