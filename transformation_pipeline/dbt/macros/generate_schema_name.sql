{#- The databases have fixed names: dbt's own rule would give retail_staging_retail_marts. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
