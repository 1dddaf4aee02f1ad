with

versions as (
    select * from {{ ref('int_customer_versions') }}
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
        {{ surrogate_key('versions.customer_id', 'versions.change_seq') }} as customer_key,
        versions.customer_id,
        versions.name,
        versions.email,
        versions.city,
        versions.country_code,
        versions.segment,
        versions.marketing_opt_in,
        versions.created_at,
        versions.change_seq,
        versions.valid_from,
        versions.valid_to,
        versions.is_current,
        versions.is_erased,
        versions_through.staged_at as _versions_through,
        write_time.written_at as _built_at
    from versions
    cross join versions_through
    cross join write_time
)

select * from final
