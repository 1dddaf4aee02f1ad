with

write_time as (
    {{ write_time('_staged_at') }}
),

events as (
    {{ events_of_changed_entities(source('retail_raw', 'raw_products'), ['product_id']) }}
),

final as (
    select
        events.product_id,
        events.sku,
        events.name,
        events.category,
        events.brand,
        events.unit_price,
        events.unit_cost,
        events.currency,
        events.is_active,
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
