{% macro order_statuses() -%}
    {{ return(['placed', 'paid', 'shipped', 'delivered', 'cancelled', 'returned']) }}
{%- endmacro %}
