with

rates as (
    select * from {{ ref('stg_fx_rates') }}
),

final as (
    select
        base_currency as currency,
        rate,
        rate_date as valid_from,
        coalesce(
            lead(rate_date) over (
                partition by base_currency
                order by rate_date
            ),
            cast({{ end_of_time() }} as date)
        ) as valid_to,
        _staged_at
    from rates
    where quote_currency = 'EUR'
)

select * from final
