"""`information_schema`: table macros over the private tables, one parameter: who is asking.

A user sees the relations on which a privilege was granted; root sees everything. The columns are
those of StarRocks 4.0 (documentation, "Information Schema"); a value that has no counterpart here
(tablets, storage, compaction) is what an idle one-replica table has.
"""

import duckdb

_VIEWS = {
    "schemata": """
select 'def' as "CATALOG_NAME", name as "SCHEMA_NAME", 'utf8' as "DEFAULT_CHARACTER_SET_NAME",
    'utf8_general_ci' as "DEFAULT_COLLATION_NAME", cast(null as varchar) as "SQL_PATH"
from (select name from _warehouse.databases union all select 'information_schema')
where asking = 'root' or name = 'information_schema'
    or name in (select database_name from _warehouse.grants where user_name = asking)
    or exists (from _warehouse.grants where user_name = asking and database_name = '*')
""",
    "tables": """
select 'def' as "TABLE_CATALOG", r.database_name as "TABLE_SCHEMA", r.name as "TABLE_NAME",
    case r.kind when 'table' then 'BASE TABLE' else 'VIEW' end as "TABLE_TYPE",
    case r.kind when 'table' then 'StarRocks' else '' end as "ENGINE",
    cast(null as bigint) as "VERSION", '' as "ROW_FORMAT",
    p.row_count as "TABLE_ROWS", cast(null as bigint) as "AVG_ROW_LENGTH",
    cast(null as bigint) as "DATA_LENGTH", cast(null as bigint) as "MAX_DATA_LENGTH",
    cast(null as bigint) as "INDEX_LENGTH", cast(null as bigint) as "DATA_FREE",
    cast(null as bigint) as "AUTO_INCREMENT",
    date_trunc('second', r.created_at) as "CREATE_TIME", p.visible_at as "UPDATE_TIME",
    cast(null as timestamp) as "CHECK_TIME", 'utf8_general_ci' as "TABLE_COLLATION",
    cast(null as bigint) as "CHECKSUM", '' as "CREATE_OPTIONS", r.comment as "TABLE_COMMENT"
from _warehouse.relations r
left join (
    select relation_id, cast(sum(row_count) as bigint) as row_count, max(visible_at) as visible_at
    from _warehouse.partitions group by relation_id
) p on p.relation_id = r.relation_id
where _information_schema.is_visible(asking, r.database_name, r.name)
union all
select 'def', 'information_schema', unnest([{system_views}]), 'SYSTEM VIEW', '', null, '', null,
    null, null, null, null, null, null, null, null, null, 'utf8_general_ci', null, '', ''
""",
    "columns": """
select 'def' as "TABLE_CATALOG", r.database_name as "TABLE_SCHEMA", r.name as "TABLE_NAME",
    c.name as "COLUMN_NAME", cast(c.position as bigint) as "ORDINAL_POSITION",
    c.default_value as "COLUMN_DEFAULT",
    case when c.nullable then 'YES' else 'NO' end as "IS_NULLABLE",
    case split_part(split_part(c.type, '(', 1), '<', 1)
        when 'boolean' then 'tinyint' when 'largeint' then 'bigint unsigned'
        else split_part(split_part(c.type, '(', 1), '<', 1) end as "DATA_TYPE",
    case when c.type like '%char(%'
        then cast(regexp_extract(c.type, '[0-9]+') as bigint) end as "CHARACTER_MAXIMUM_LENGTH",
    case when c.type like '%char(%'
        then cast(regexp_extract(c.type, '[0-9]+') as bigint) end as "CHARACTER_OCTET_LENGTH",
    case when c.type like 'decimal%' then cast(regexp_extract(c.type, '[0-9]+') as bigint)
        else cast(map {'tinyint': 3, 'smallint': 5, 'int': 10, 'bigint': 19}[c.type] as bigint)
        end as "NUMERIC_PRECISION",
    case when c.type like 'decimal%'
        then cast(regexp_extract(c.type, ', ?([0-9]+)', 1) as bigint)
        when c.type in ('tinyint', 'smallint', 'int', 'bigint') then 0
        end as "NUMERIC_SCALE",
    cast(null as bigint) as "DATETIME_PRECISION",
    cast(null as varchar) as "CHARACTER_SET_NAME", cast(null as varchar) as "COLLATION_NAME",
    case c.type when 'boolean' then 'tinyint(1)' when 'largeint' then 'bigint(20) unsigned'
        else c.type end as "COLUMN_TYPE",
    case when not c.is_key then '' when r.model = 'primary' then 'PRI' else 'DUP'
        end as "COLUMN_KEY",
    '' as "EXTRA", '' as "PRIVILEGES", c.comment as "COLUMN_COMMENT",
    cast(null as bigint) as "COLUMN_SIZE", cast(null as bigint) as "DECIMAL_DIGITS",
    cast(null as varchar) as "GENERATION_EXPRESSION", cast(null as bigint) as "SRS_ID"
from _warehouse.columns c join _warehouse.relations r on r.relation_id = c.relation_id
where _information_schema.is_visible(asking, r.database_name, r.name)
""",
    "views": """
select 'def' as "TABLE_CATALOG", r.database_name as "TABLE_SCHEMA", r.name as "TABLE_NAME",
    r.definition as "VIEW_DEFINITION", 'NONE' as "CHECK_OPTION", 'NO' as "IS_UPDATABLE",
    '' as "DEFINER", 'NONE' as "SECURITY_TYPE", 'utf8' as "CHARACTER_SET_CLIENT",
    'utf8_general_ci' as "COLLATION_CONNECTION"
from _warehouse.relations r
where r.kind = 'view' and _information_schema.is_visible(asking, r.database_name, r.name)
""",
    "partitions_meta": """
select r.database_name as "DB_NAME", r.name as "TABLE_NAME", p.name as "PARTITION_NAME",
    p.partition_id as "PARTITION_ID", cast(0 as bigint) as "COMPACT_VERSION",
    p.version as "VISIBLE_VERSION", p.visible_at as "VISIBLE_VERSION_TIME",
    p.version + 1 as "NEXT_VERSION", p.version as "DATA_VERSION",
    p.partition_id as "VERSION_EPOCH", 'TXN_NORMAL' as "VERSION_TXN_TYPE",
    array_to_string(r.partition_by, ', ') as "PARTITION_KEY",
    case when len(r.partition_by) = 0 then '' else p.value end as "PARTITION_VALUE",
    r.distribution as "DISTRIBUTION_KEY",
    cast(coalesce(nullif(regexp_extract(r.distribution, 'BUCKETS ([0-9]+)$', 1), ''), '1')
        as integer) as "BUCKETS",
    cast(coalesce(try_cast(r.properties['replication_num'] as integer), 1) as integer)
        as "REPLICATION_NUM", 'HDD' as "STORAGE_MEDIUM",
    cast(null as timestamp) as "COOLDOWN_TIME",
    cast(null as timestamp) as "LAST_CONSISTENCY_CHECK_TIME", false as "IS_IN_MEMORY",
    false as "IS_TEMP", cast(null as varchar) as "DATA_SIZE", p.row_count as "ROW_COUNT",
    true as "ENABLE_DATACACHE", cast(0 as double) as "AVG_CS", cast(0 as double) as "P50_CS",
    cast(0 as double) as "MAX_CS", '' as "STORAGE_PATH", cast(null as varchar) as "STORAGE_SIZE",
    cast(0 as bigint) as "METADATA_SWITCH_VERSION", true as "TABLET_BALANCED"
from _warehouse.partitions p join _warehouse.relations r on r.relation_id = p.relation_id
where _information_schema.is_visible(asking, r.database_name, r.name)
""",
    "tables_config": """
select r.database_name as "TABLE_SCHEMA", r.name as "TABLE_NAME", 'OLAP' as "TABLE_ENGINE",
    case r.model when 'primary' then 'PRIMARY_KEYS' else 'DUP_KEYS' end as "TABLE_MODEL",
    case r.model when 'primary' then coalesce(k.keys, '') else '' end as "PRIMARY_KEY",
    array_to_string(r.partition_by, ', ') as "PARTITION_KEY",
    regexp_extract(r.distribution, '\\((.*)\\)', 1) as "DISTRIBUTE_KEY",
    case when r.distribution ilike 'hash%' then 'HASH' else 'RANDOM' end as "DISTRIBUTE_TYPE",
    cast(coalesce(nullif(regexp_extract(r.distribution, 'BUCKETS ([0-9]+)$', 1), ''), '0')
        as integer) as "DISTRIBUTE_BUCKET",
    coalesce(nullif(r.order_by, ''), k.keys, '') as "SORT_KEY",
    cast(to_json(r.properties) as varchar) as "PROPERTIES", r.relation_id as "TABLE_ID"
from _warehouse.relations r
left join (
    select relation_id, string_agg('`' || name || '`', ', ' order by position) as keys
    from _warehouse.columns where is_key group by relation_id
) k on k.relation_id = r.relation_id
where r.kind = 'table' and _information_schema.is_visible(asking, r.database_name, r.name)
""",
    # There are no materialized views; clients join with it to tell views apart.
    "materialized_views": """
select cast(0 as bigint) as "MATERIALIZED_VIEW_ID", '' as "TABLE_SCHEMA", '' as "TABLE_NAME",
    '' as "REFRESH_TYPE", '' as "IS_ACTIVE", '' as "INACTIVE_REASON", '' as "PARTITION_TYPE",
    cast(0 as bigint) as "TASK_ID", '' as "TASK_NAME",
    cast(null as timestamp) as "LAST_REFRESH_START_TIME",
    cast(null as timestamp) as "LAST_REFRESH_FINISHED_TIME",
    cast(0 as double) as "LAST_REFRESH_DURATION", '' as "LAST_REFRESH_STATE",
    cast(0 as bigint) as "TABLE_ROWS", '' as "MATERIALIZED_VIEW_DEFINITION"
where asking is null
""",
}

VIEW_NAMES = frozenset(_VIEWS)

_IS_VISIBLE = """
create or replace macro _information_schema.is_visible(asking, in_database, in_table) as
    asking = 'root' or exists (
        from _warehouse.grants where user_name = asking
            and kind not in ('DATABASE', 'CATALOG')
            and (database_name = in_database or database_name = '*')
            and (table_name = in_table or table_name = '*'))
"""


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Defines the views anew, so that an old file gets this release's definitions."""
    system_views = ", ".join(f"'{name}'" for name in sorted(_VIEWS))
    connection.begin()
    connection.execute("create schema if not exists _information_schema")
    connection.execute(_IS_VISIBLE)
    for name, query in _VIEWS.items():
        definition = query.replace("{system_views}", system_views)
        connection.execute(
            f"create or replace macro _information_schema.{name}(asking) as table {definition}"
        )
    connection.commit()
