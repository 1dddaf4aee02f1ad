with

write_time as (
    {{ write_time('_staged_at') }}
),

events as (
    {{ events_of_changed_entities(source('retail_raw', 'raw_orders'), ['order_id']) }}
),

timed_events as (
    select
        *,
        {{ status_times() }}
    from events
),

final as (
    select
        timed_events.order_id,
        cast(timed_events.ordered_at as date) as order_date,
        timed_events.customer_id,
        timed_events.ordered_at,
        timed_events.status,
        timed_events.channel,
        timed_events.currency,
        timed_events.ship_country_code,
        timed_events.shipping_amount,
        timed_events.total_amount,
        timed_events.items,
        {{ status_columns('timed_events') }},
        timed_events.change_seq,
        timed_events.changed_at,
        timed_events.event_count as _event_count,
        timed_events.loaded_at as _loaded_at,
        write_time.written_at as _staged_at
    from timed_events
    cross join write_time
    where timed_events.recency = 1
)

select * from final
