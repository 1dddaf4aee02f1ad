with

write_time as (
    {{ write_time('_staged_at') }}
),

events as (
    {{ events_of_changed_entities(source('retail_raw', 'raw_customers'), ['customer_id']) }}
),

final as (
    select
        events.customer_id,
        events.name,
        events.email,
        events.city,
        events.country_code,
        events.segment,
        events.marketing_opt_in,
        events.created_at,
        events.op = 'D' as is_erased,
        events.change_seq,
        events.changed_at,
        events.event_count as _event_count,
        events.loaded_at as _loaded_at,
        write_time.written_at as _staged_at
    from events
    cross join write_time
    where events.recency = 1
)

select * from final
