{#- A JSON array as an ARRAY of its elements, to unnest. (sqlfluff does not know this type: .sqlfluff
    has a stand-in for this macro.) -#}
{% macro json_array(column) -%}
    cast({{ column }} as array<json>)
{%- endmacro %}
