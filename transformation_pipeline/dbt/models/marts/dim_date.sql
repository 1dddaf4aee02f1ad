with

day_numbers as (
    -- To the end of 2039.
    select series.day_number
    from table(generate_series(0, 7304)) as series (day_number)
),

days as (
    select
        cast(
            date_add(cast('2020-01-01' as date), interval day_number day) as date
        ) as date_day
    from day_numbers
),

missing as (
    select date_day from days
    where {{ after_newest('date_day') }}
),

final as (
    select
        date_day,
        cast(year(date_day) as int) as calendar_year,
        cast(quarter(date_day) as int) as quarter_of_year,
        cast(month(date_day) as int) as month_of_year,
        cast(day(date_day) as int) as day_of_month,
        cast(weekday(date_day) + 1 as int) as iso_day_of_week,
        weekday(date_day) >= 5 as is_weekend,
        cast(date_trunc('month', date_day) as date) as month_start
    from missing
)

select * from final
