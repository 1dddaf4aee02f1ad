"""Session variables that clients read and set."""

VERSION = "4.0.4"
"""The StarRocks release this warehouse imitates: single digits, because the version parser of
dbt-starrocks 1.12.2 reads one digit per part."""

MYSQL_VERSION = "8.0.33"
"""The MySQL release that VERSION() and the handshake report; drivers choose their dialect by it."""

DEFAULTS = {
    "auto_increment_increment": "1",
    "autocommit": "true",
    "catalog": "default_catalog",
    "character_set_client": "utf8",
    "character_set_connection": "utf8",
    "character_set_results": "utf8",
    "character_set_server": "utf8",
    "collation_connection": "utf8_general_ci",
    "collation_database": "utf8_general_ci",
    "collation_server": "utf8_general_ci",
    "dynamic_overwrite": "false",
    "enable_insert_strict": "true",
    "init_connect": "",
    "insert_max_filter_ratio": "0.0",
    "interactive_timeout": "3600",
    "license": "Apache License 2.0",
    "lower_case_table_names": "0",
    "max_allowed_packet": "33554432",
    "net_buffer_length": "16384",
    "net_read_timeout": "60",
    "net_write_timeout": "60",
    "partial_update_mode": "auto",
    "performance_schema": "false",
    "query_cache_size": "1048576",
    "query_cache_type": "0",
    "query_timeout": "300",
    "insert_timeout": "14400",
    "sql_auto_is_null": "false",
    "sql_mode": "ONLY_FULL_GROUP_BY",
    "sql_safe_updates": "0",
    "sql_select_limit": "9223372036854775807",
    "system_time_zone": "UTC",
    "time_zone": "UTC",
    "transaction_isolation": "REPEATABLE-READ",
    "transaction_read_only": "false",
    "tx_isolation": "REPEATABLE-READ",
    "tx_read_only": "false",
    "version": MYSQL_VERSION,
    "version_comment": f"StarRocks version {VERSION}",
    "wait_timeout": "28800",
}
"""Every variable that is known, with the value a session starts with."""

READ_ONLY = frozenset({"license", "system_time_zone", "version", "version_comment"})
