"""The raw tables as observable assets."""

from collections.abc import Iterator

import dagster as dg

from transformation_pipeline.lib.raw_tables import RAW_DATABASE, RAW_TABLES, read_versions
from transformation_pipeline.lib.translator import OWNER
from transformation_pipeline.lib.warehouse import Warehouse


def raw_key(table: str) -> dg.AssetKey:
    """Returns the asset key of a raw table."""
    return dg.AssetKey([RAW_DATABASE, table])


@dg.multi_observable_source_asset(  # type: ignore[untyped-decorator]
    name="raw_tables",
    specs=[
        dg.AssetSpec(
            key=raw_key(table.name),
            description=table.description,
            group_name="raw",
            owners=[OWNER],
            kinds={"starrocks"},
            tags={"source": table.source},
            metadata={"dagster/table_name": f"{RAW_DATABASE}.{table.name}"},
        )
        for table in RAW_TABLES
    ],
    can_subset=True,
)
def raw_tables(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.ObserveResult]:
    """Reports each selected table's data version from the warehouse's metadata."""
    for name, token in read_versions(warehouse).items():
        if raw_key(name) in context.selected_asset_keys:
            yield dg.ObserveResult(asset_key=raw_key(name), data_version=dg.DataVersion(token))
