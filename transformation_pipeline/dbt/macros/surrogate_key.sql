{#- The key of one version of a dimension row: the same on every build, so facts keep theirs. -#}
{% macro surrogate_key(natural_key, change_seq) -%}
    md5(concat_ws('-', cast({{ natural_key }} as varchar), cast({{ change_seq }} as varchar)))
{%- endmacro %}
