{#- An order's life: placed, then paid and shipped and delivered, or cancelled, or returned. -#}
{% macro order_statuses() -%}
    {{ return(['placed', 'paid', 'shipped', 'delivered', 'cancelled', 'returned']) }}
{%- endmacro %}

{#- When an order got each status, from its events; on each of them. -#}
{% macro status_times() -%}
    {% for status in order_statuses() -%}
    min(case when status = '{{ status }}' then changed_at end) over (
            partition by order_id
        ) as {{ status }}_at
    {{- ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{% macro status_columns(relation) -%}
    {% for status in order_statuses() -%}
    {{ relation }}.{{ status }}_at
    {{- ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}
