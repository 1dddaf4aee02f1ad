{#- What dbt-starrocks 1.12.2 does wrong or leaves out. Each has a test in tests/dbt/test_adapter.py. -#}

{#- A full refresh swaps the new table in and leaves the old one behind as <name>__dbt_backup, with
    its old rows, those of erased customers among them. -#}
{% macro drop_refresh_backup() -%}
    {% if execute and should_full_refresh() -%}
    drop table if exists `{{ this.schema }}`.`{{ this.identifier }}__dbt_backup` force
    {%- endif %}
{%- endmacro %}

{#- The adapter creates tables without looking at an enforced contract. Checking where a table is
    created is enough: rows are inserted into it by its column names later on. -#}
{% macro starrocks__create_table_as(temporary, relation, sql, is_external=false) -%}
    {% set contract = config.get('contract') -%}
    {% if contract and contract.enforced and not temporary -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    {{ dbt.starrocks__create_table_as(temporary, relation, sql, is_external) }}
{%- endmacro %}

{#- INSERT OVERWRITE of no rows is left out: what it replaces depends on the release and on
    dynamic_overwrite, and nothing is what there is to replace. -#}
{% macro get_incremental_dynamic_overwrite_sql(arg_dict) -%}
    {% set rows = run_query('select 1 from ' ~ arg_dict['temp_relation'] ~ ' limit 1') -%}
    {% if rows | length == 0 -%}
    select 1
    {%- else -%}
    {{ dbt.get_incremental_dynamic_overwrite_sql(arg_dict) }}
    {%- endif %}
{%- endmacro %}
