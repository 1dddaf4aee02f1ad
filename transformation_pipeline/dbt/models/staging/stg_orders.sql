with

raw_orders as (
    select * from {{ source('retail_raw', 'raw_orders') }}
),

changed as (
    {{ changed_entities(source('retail_raw', 'raw_orders'), ['order_id']) }}
),

write_time as (
    {{ write_time('_staged_at') }}
),

events as (
    select
        raw_orders.*,
        changed.event_count,
        changed.loaded_at,
        row_number() over (
            partition by raw_orders.order_id
            order by raw_orders.change_seq desc, raw_orders.changed_at desc
        ) as recency
    from changed
    inner join raw_orders
        on changed.order_id = raw_orders.order_id
),

status_times as (
    select
        order_id,
        {{ status_times() }}
    from events
    group by order_id
),

final as (
    select
        events.order_id,
        cast(events.ordered_at as date) as order_date,
        events.customer_id,
        events.ordered_at,
        events.status,
        events.channel,
        events.currency,
        events.ship_country_code,
        events.shipping_amount,
        events.total_amount,
        events.items,
        {{ status_columns('status_times') }},
        events.change_seq,
        events.changed_at,
        events.event_count as _event_count,
        events.loaded_at as _loaded_at,
        write_time.written_at as _staged_at
    from events
    inner join status_times
        on events.order_id = status_times.order_id
    cross join write_time
    where events.recency = 1
)

select * from final
