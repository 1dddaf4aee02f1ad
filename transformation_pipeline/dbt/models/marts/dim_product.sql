with

versions as (
    select * from {{ ref('int_product_versions') }}
    where {{ not_built_yet('_staged_at', '_versions_through') }}
),

versions_through as (
    select max(_staged_at) as staged_at from versions
),

write_time as (
    {{ write_time('_built_at') }}
),

final as (
    select
        {{ surrogate_key('versions.product_id', 'versions.change_seq') }} as product_key,
        versions.product_id,
        versions.sku,
        versions.name,
        versions.category,
        versions.brand,
        versions.unit_price,
        versions.unit_cost,
        versions.currency,
        versions.is_active,
        versions.change_seq,
        versions.valid_from,
        versions.valid_to,
        versions.is_current,
        versions_through.staged_at as _versions_through,
        write_time.written_at as _built_at
    from versions
    cross join versions_through
    cross join write_time
)

select * from final
