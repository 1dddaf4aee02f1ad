"""Contracts as they are written down, read from the package's YAML files."""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

DATABASE = "retail_raw"

# Rules across columns; `rules.py` has their expressions.
RULE_NAMES = {
    *("not_after", "present_unless_deleted", "absent_when_deleted", "total_adds_up"),
    "lines_are_numbered",
}
_METRICS = {"nullValues", "invalidValues"}
_OPTIONS = {"minimum", "exclusiveMinimum", "pattern", "minLength", "minItems", "maxItems"}
_PROPERTY_FIELDS = {
    *("name", "logicalType", "physicalType", "description", "required", "primaryKey"),
    *("primaryKeyPosition", "partitioned", "partitionKeyPosition", "logicalTypeOptions"),
    *("quality", "items", "customProperties"),
}
_TABLE_FIELDS = {
    *("name", "physicalName", "physicalType", "logicalType", "description", "properties"),
    *("quality", "customProperties"),
}


class ContractError(ValueError):
    """A contract file says something that nothing would hold."""


@dataclass(frozen=True)
class Column:
    """One column, or one field of the objects in an array column.

    Attributes:
        name: Its name.
        type: StarRocks type, such as `DECIMAL(18,2)`.
        nullable: Whether the table's column takes NULL.
        required: Whether a row without a value is rejected.
        default: SQL of the value that the warehouse fills in; such a column is never sent.
        allowed: The only values that are valid, if there is such a list.
        options: `logicalTypeOptions` of the standard.
        fields: Columns of the objects in an array.
    """

    name: str
    type: str
    nullable: bool
    required: bool
    default: str | None = None
    allowed: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict, hash=False)
    fields: tuple["Column", ...] = ()


@dataclass(frozen=True)
class Contract:
    """What a raw table promises.

    Attributes:
        name: Name of the contract.
        table: Name of the table in `DATABASE`.
        source: Name of the source that publishes it; empty for the loader's own tables.
        key: The primary key's columns, in order.
        columns: All columns, in order.
        partition_column: The table is partitioned by this column's day.
        buckets: Number of tablets of each partition.
        control_total: Column whose sum the manifest records; empty for the loader's own tables.
        rules: Rules across columns, as (name in `rules.RULES`, description, arguments).
    """

    name: str
    table: str
    source: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition_column: str
    buckets: int
    control_total: str
    rules: tuple[tuple[str, str, dict[str, Any]], ...] = field(hash=False)

    @property
    def sent_columns(self) -> tuple[Column, ...]:
        """The columns that a source's frame has: all but the label and what has a default."""
        return tuple(c for c in self.columns if c.default is None and c.name != "_label")


@cache
def load_contract(table: str) -> Contract:
    """Reads the contract of a raw table.

    Raises:
        ContractError: The file holds a field, metric or option that is not understood.
    """
    text = (files("ingestion_simulator.contracts") / f"{table}.yaml").read_text("utf-8")
    return parse_contract(yaml.load(text, Loader=yaml.CSafeLoader))


def parse_contract(document: dict[str, Any]) -> Contract:
    """Turns a document of the standard into a contract.

    Raises:
        ContractError: The document holds a field, metric or option that is not understood.
    """
    (table,) = document["schema"]
    name = table["name"]
    _only(name, table, _TABLE_FIELDS)
    properties = table["properties"]
    keys = sorted((p["primaryKeyPosition"], p["name"]) for p in properties if p.get("primaryKey"))
    (partition_column,) = (p["name"] for p in properties if p.get("partitioned"))
    custom = _custom(table)
    _only(name, custom, {"source", "controlTotal", "buckets"})
    return Contract(
        name=name,
        table=table["physicalName"],
        source=custom.get("source", ""),
        key=tuple(key for _, key in keys),
        columns=tuple(_column(name, entry) for entry in properties),
        partition_column=partition_column,
        buckets=_buckets(name, custom),
        control_total=custom.get("controlTotal", ""),
        rules=tuple(_rule(name, quality) for quality in table.get("quality", ())),
    )


def _column(contract: str, entry: dict[str, Any]) -> Column:
    where = f"{contract}.{entry['name']}"
    _only(where, entry, _PROPERTY_FIELDS)
    custom = _custom(entry)
    _only(where, custom, {"default"})
    options = entry.get("logicalTypeOptions", {})
    _only(where, options, _OPTIONS)
    metrics = {}
    for quality in entry.get("quality", ()):
        metrics[quality["metric"]] = quality.get("arguments", {})
        if quality.get("mustBe") != 0:
            raise ContractError(f"{where}: {quality['metric']} is understood with mustBe: 0 only")
    _only(where, metrics, _METRICS)
    required = entry.get("required", False)
    return Column(
        name=entry["name"],
        type=entry["physicalType"],
        nullable=not required,
        required=required or "nullValues" in metrics,
        default=custom.get("default"),
        allowed=tuple(metrics.get("invalidValues", {}).get("validValues", ())),
        options=options,
        fields=tuple(
            _column(where, inner) for inner in entry.get("items", {}).get("properties", ())
        ),
    )


def _buckets(contract: str, custom: dict[str, Any]) -> int:
    """What StarRocks would choose follows the cluster's size, not the data's: so it is stated."""
    buckets = custom.get("buckets")
    if type(buckets) is not int or buckets < 1:
        raise ContractError(f"{contract}: buckets is a whole number from 1 on, not {buckets!r}")
    return buckets


def _rule(contract: str, quality: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    if (quality.get("type"), quality.get("engine")) != ("custom", "ingestion_simulator"):
        raise ContractError(f"{contract}: a rule of a table is custom, for ingestion_simulator")
    arguments = dict(quality["implementation"])
    if arguments["rule"] not in RULE_NAMES:
        raise ContractError(f"{contract}: {arguments['rule']} is not one of the known rules")
    return arguments.pop("rule"), quality["description"], arguments


def _custom(entry: dict[str, Any]) -> dict[str, Any]:
    return {item["property"]: item["value"] for item in entry.get("customProperties", ())}


def _only(where: str, found: dict[str, Any], understood: set[str]) -> None:
    unknown = sorted(found.keys() - understood)
    if unknown:
        raise ContractError(f"{where}: {', '.join(unknown)} is not part of the understood subset")


RAW_REJECTS = load_contract("raw_rejects")
RAW_LOAD_MANIFEST = load_contract("raw_load_manifest")
ALL_TABLES = (
    *map(load_contract, ("raw_customers", "raw_products", "raw_orders", "raw_fx_rates")),
    RAW_REJECTS,
    RAW_LOAD_MANIFEST,
)
