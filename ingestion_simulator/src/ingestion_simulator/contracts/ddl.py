"""The tables that the contracts describe, as StarRocks DDL."""

from ingestion_simulator.contracts.contract import DATABASE, Column, Contract


def create_table_sql(contract: Contract) -> str:
    """The statement that creates the contract's Primary Key table unless it exists.

    There is no `replication_num`: the cluster's default holds. Buckets are stated: left to itself,
    a cluster of three backends gives each partition 6 buckets of 3 replicas, which is 18 tablets
    per table and day for some kilobytes.
    """
    columns = ",\n".join(f"    {_column(column)}" for column in contract.columns)
    return (
        f"CREATE TABLE IF NOT EXISTS {DATABASE}.{contract.table} (\n{columns}\n)\n"
        f"PRIMARY KEY ({', '.join(contract.key)})\n"
        f"PARTITION BY date_trunc('day', {contract.partition_column})\n"
        f"DISTRIBUTED BY HASH({contract.key[0]}) BUCKETS {contract.buckets}"
    )


def _column(column: Column) -> str:
    parts = [column.name, column.type]
    if not column.nullable:
        parts.append("NOT NULL")
    if column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    return " ".join(parts)
