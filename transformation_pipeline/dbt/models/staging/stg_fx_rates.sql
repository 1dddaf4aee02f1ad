with

write_time as (
    {{ write_time('_staged_at') }}
),

events as (
    {{ events_of_changed_entities(
        source('retail_raw', 'raw_fx_rates'),
        ['rate_date', 'base_currency', 'quote_currency']
    ) }}
),

final as (
    select
        events.rate_date,
        events.base_currency,
        events.quote_currency,
        events.rate,
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
