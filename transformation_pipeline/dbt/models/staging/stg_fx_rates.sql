with

raw_fx_rates as (
    select * from {{ source('retail_raw', 'raw_fx_rates') }}
),

changed as (
    {{ changed_entities(
        source('retail_raw', 'raw_fx_rates'),
        ['rate_date', 'base_currency', 'quote_currency']
    ) }}
),

write_time as (
    {{ write_time('_staged_at') }}
),

events as (
    select
        raw_fx_rates.*,
        changed.event_count,
        changed.loaded_at,
        row_number() over (
            partition by
                raw_fx_rates.rate_date,
                raw_fx_rates.base_currency,
                raw_fx_rates.quote_currency
            order by raw_fx_rates.change_seq desc, raw_fx_rates.changed_at desc
        ) as recency
    from changed
    inner join raw_fx_rates
        on
            changed.rate_date = raw_fx_rates.rate_date
            and changed.base_currency = raw_fx_rates.base_currency
            and changed.quote_currency = raw_fx_rates.quote_currency
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
