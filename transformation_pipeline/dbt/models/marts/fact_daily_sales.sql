with

items as (
    select * from {{ ref('fact_order_items') }}
),

days_to_build as (
    select distinct order_date from items
    where {{ not_built_yet('_built_at', '_items_through') }}
),

inputs_through as (
    select max(_built_at) as items_through from items
),

write_time as (
    {{ write_time('_built_at') }}
),

order_lines as (
    select
        items.*,
        items.status = 'cancelled' as is_cancelled,
        items.status = 'returned' as is_returned
    from days_to_build
    inner join items
        on days_to_build.order_date = items.order_date
),

measures as (
    select
        order_date as sales_date,
        product_id,
        ship_country_code,
        channel,
        count(distinct case when not is_cancelled then order_id end) as order_count,
        cast(
            sum(case when is_cancelled then 0 else quantity end) as bigint
        ) as quantity,
        {{ money_sum('gross_amount_eur', 'not is_cancelled') }} as gross_sales_eur,
        {{ money_sum('discount_amount_eur', 'not is_cancelled') }} as discount_eur,
        {{ money_sum('net_amount_eur', 'is_returned') }} as returns_eur,
        {{ money_sum('cost_amount_eur', 'not is_cancelled') }} as cost_eur,
        {{ money_sum('net_amount_eur', 'is_cancelled') }} as cancelled_eur
    from order_lines
    group by order_date, product_id, ship_country_code, channel
),

final as (
    select
        measures.sales_date,
        measures.product_id,
        measures.ship_country_code,
        measures.channel,
        measures.order_count,
        measures.quantity,
        measures.gross_sales_eur,
        measures.discount_eur,
        measures.returns_eur,
        cast(
            measures.gross_sales_eur
            - measures.discount_eur
            - measures.returns_eur
            as decimal(38, 2)
        ) as net_sales_eur,
        measures.cost_eur,
        measures.cancelled_eur,
        inputs_through.items_through as _items_through,
        write_time.written_at as _built_at
    from measures
    cross join inputs_through
    cross join write_time
)

select * from final
