with

raw_customers as (
    select * from {{ source('retail_raw', 'raw_customers') }}
),

customers as (
    select * from {{ ref('stg_customers') }}
    where {{ not_built_yet('_staged_at', '_customers_through') }}
),

customers_through as (
    select max(_staged_at) as staged_at from customers
),

write_time as (
    {{ write_time('_staged_at') }}
),

events as (
    select
        raw_customers.*,
        lead(raw_customers.changed_at) over (
            partition by raw_customers.customer_id
            order by raw_customers.change_seq, raw_customers.changed_at
        ) as next_changed_at,
        max(case when raw_customers.op = 'D' then 1 else 0 end) over (
            partition by raw_customers.customer_id
        ) = 1 as is_erased,
        max(raw_customers.country_code) over (
            partition by raw_customers.customer_id
        ) as known_country_code
    from customers
    inner join raw_customers
        on customers.customer_id = raw_customers.customer_id
),

final as (
    select
        events.customer_id,
        events.change_seq,
        case when not events.is_erased then events.name end as name,
        case when not events.is_erased then events.email end as email,
        case when not events.is_erased then events.city end as city,
        -- Never changes and names nobody: sales by country stay whole after an erasure.
        events.known_country_code as country_code,
        case when not events.is_erased then events.segment end as segment,
        case when not events.is_erased then events.marketing_opt_in end as marketing_opt_in,
        case when not events.is_erased then events.created_at end as created_at,
        events.changed_at as valid_from,
        coalesce(events.next_changed_at, {{ end_of_time() }}) as valid_to,
        events.next_changed_at is null as is_current,
        events.is_erased,
        customers_through.staged_at as _customers_through,
        write_time.written_at as _staged_at
    from events
    cross join customers_through
    cross join write_time
)

select * from final
