{#- Rows and control total of every window in the raw tables, summed as their contracts say. -#}
{% macro raw_windows() -%}
    {% for loader, table, column in [
        ('crm', 'raw_customers', 'change_seq'),
        ('catalog', 'raw_products', 'unit_price'),
        ('order_management', 'raw_orders', 'total_amount'),
        ('rates_api', 'raw_fx_rates', 'rate'),
    ] -%}
    select
        '{{ loader }}' as source,
        _window_start as window_start,
        count(*) as row_count,
        cast(coalesce(sum({{ column }}), 0) as decimal(38, 8)) as control_total,
        max(_loaded_at) as loaded_at
    from {{ source('retail_raw', table) }}
    group by _window_start
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
