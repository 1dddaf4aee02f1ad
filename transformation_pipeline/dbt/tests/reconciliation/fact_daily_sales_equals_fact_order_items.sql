{{ config(
    tags=['reconciliation'],
    meta={
        'description':
            'Each day has the same totals line by line and in fact_daily_sales, to the cent. Days ' ~
            'with lines that were built after fact_daily_sales are pending.',
        'dagster': {'ref': {'name': 'fact_daily_sales'}},
    }
) }}

with

built as (
    select max(_items_through) as items_through from {{ ref('fact_daily_sales') }}
),

lines_by_day as (
    select
        order_date,
        sum(case when status <> 'cancelled' then quantity else 0 end) as quantity,
        {{ money_sum('gross_amount_eur', "status <> 'cancelled'") }} as gross_sales_eur,
        {{ money_sum('discount_amount_eur', "status <> 'cancelled'") }} as discount_eur,
        {{ money_sum('net_amount_eur', "status not in ('cancelled', 'returned')") }}
            as net_sales_eur,
        {{ money_sum('net_amount_eur', "status = 'cancelled'") }} as cancelled_eur,
        {{ money_sum('cost_amount_eur', "status <> 'cancelled'") }} as cost_eur,
        max(_built_at) as built_at
    from {{ ref('fact_order_items') }}
    group by order_date
),

sales_by_day as (
    select
        sales_date,
        sum(quantity) as quantity,
        sum(gross_sales_eur) as gross_sales_eur,
        sum(discount_eur) as discount_eur,
        sum(net_sales_eur) as net_sales_eur,
        sum(cancelled_eur) as cancelled_eur,
        sum(cost_eur) as cost_eur
    from {{ ref('fact_daily_sales') }}
    group by sales_date
),

final as (
    select
        coalesce(lines_by_day.order_date, sales_by_day.sales_date) as sales_date,
        lines_by_day.quantity <> sales_by_day.quantity as quantity_differs,
        lines_by_day.gross_sales_eur <> sales_by_day.gross_sales_eur as gross_differs,
        lines_by_day.discount_eur <> sales_by_day.discount_eur as discount_differs,
        lines_by_day.net_sales_eur <> sales_by_day.net_sales_eur as net_differs,
        lines_by_day.cancelled_eur <> sales_by_day.cancelled_eur as cancelled_differs,
        lines_by_day.cost_eur <> sales_by_day.cost_eur as cost_differs
    from lines_by_day
    full outer join sales_by_day
        on lines_by_day.order_date = sales_by_day.sales_date
    cross join built
    where coalesce(lines_by_day.built_at <= built.items_through, true)
)

select * from final
where
    coalesce(quantity_differs, true)
    or coalesce(gross_differs, true)
    or coalesce(discount_differs, true)
    or coalesce(net_differs, true)
    or coalesce(cancelled_differs, true)
    or coalesce(cost_differs, true)
