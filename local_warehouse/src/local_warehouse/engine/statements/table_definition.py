"""The clauses of CREATE TABLE."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from local_warehouse.engine import types
from local_warehouse.engine.catalog import CURRENT_TIMESTAMP, TableColumn
from local_warehouse.engine.errors import analysis_error
from local_warehouse.engine.transpile import to_starrocks
from local_warehouse.engine.transpile.parsing import call_name


@dataclass
class Definition:
    """What CREATE TABLE says about a table.

    Attributes:
        target: the table's name.
        columns: its columns; empty where a query gives them.
        column_names: the names a CREATE TABLE AS SELECT lists.
        model: "primary" or "duplicate".
        keys: names of the key columns.
        partition_by: text of each partition expression and the columns in it.
        distribution: text behind DISTRIBUTED BY.
        distribution_columns: the columns in it.
        order_by: text behind ORDER BY.
        properties: PROPERTIES.
        comment: COMMENT.
        like: the table whose definition is copied.
    """

    target: exp.Table
    columns: list[TableColumn] = field(default_factory=list)
    column_names: list[str] = field(default_factory=list)
    model: str = "duplicate"
    keys: list[str] = field(default_factory=list)
    partition_by: list[tuple[str, list[str]]] = field(default_factory=list)
    distribution: str = ""
    distribution_columns: list[str] = field(default_factory=list)
    order_by: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    comment: str = ""
    like: exp.Table | None = None


def read_definition(statement: exp.Create) -> Definition:
    """Reads the clauses of CREATE TABLE.

    Raises:
        WarehouseError: a clause asks for what the warehouse lacks (1064).
    """
    schema = statement.this
    definition = Definition(schema.this if isinstance(schema, exp.Schema) else schema)
    if isinstance(schema, exp.Schema):
        for item in schema.expressions:
            _read_schema_item(definition, item)
    properties = statement.args.get("properties")
    for item in properties.expressions if properties else ():
        _read_property(definition, item)
    return definition


def read_column(node: exp.ColumnDef) -> TableColumn:
    """Reads a column's definition.

    Raises:
        WarehouseError: a type or constraint that the warehouse lacks (1064).
    """
    if node.kind is None:
        raise analysis_error(f"Column {node.name} has no type")
    nullable, default, comment = True, None, ""
    for constraint in node.args.get("constraints") or ():
        kind = constraint.args.get("kind")
        if isinstance(kind, exp.NotNullColumnConstraint):
            nullable = bool(kind.args.get("allow_null"))
        elif isinstance(kind, exp.DefaultColumnConstraint):
            default = _default(kind.this)
        elif isinstance(kind, exp.CommentColumnConstraint):
            comment = kind.this.name
        else:
            raise analysis_error(
                f"Column clause is not supported by the local warehouse: {to_starrocks(constraint)}"
            )
    return TableColumn(node.name, types.from_syntax(node.kind), nullable, default, comment=comment)


def _default(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.CurrentTimestamp):
        return CURRENT_TIMESTAMP
    if isinstance(node, exp.Anonymous) and call_name(node) in ("CURRENT_TIMESTAMP", "NOW"):
        return CURRENT_TIMESTAMP
    if isinstance(node, exp.Literal):
        return node.name
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return f"-{node.this.name}"
    if isinstance(node, exp.Boolean):
        return "1" if node.this else "0"
    raise analysis_error(f"Unsupported column default {to_starrocks(node)}")


def _read_schema_item(definition: Definition, item: exp.Expr) -> None:
    if isinstance(item, exp.ColumnDef):
        definition.columns.append(read_column(item))
    elif isinstance(item, exp.Identifier):
        definition.column_names.append(item.name)
    elif isinstance(item, exp.PrimaryKey):
        _read_primary_key(definition, item)
    elif not isinstance(item, exp.IndexColumnConstraint):
        # Indexes are hints to StarRocks' storage and have no effect on results.
        raise _unsupported(item)


def _read_primary_key(definition: Definition, item: exp.PrimaryKey) -> None:
    definition.model = "primary"
    definition.keys = _identifiers(item.expressions)
    for option in item.args.get("options") or ():
        comment = option.args.get("comment") if isinstance(option, exp.Expr) else None
        if comment is None:
            raise _unsupported(item)
        definition.comment = comment.name
    include = item.args.get("include")
    if include is not None and include.args.get("partition_by"):
        _read_partition_by(definition, include.args["partition_by"])


def _read_property(definition: Definition, item: exp.Expr) -> None:
    match item:
        case exp.PrimaryKey():
            _read_primary_key(definition, item)
        case exp.DuplicateKeyProperty():
            definition.keys = _identifiers(item.expressions)
        case exp.PartitionedByProperty():
            schema = item.this
            _read_partition_by(definition, schema.expressions)
        case exp.DistributedByProperty():
            _read_distribution(definition, item)
        case exp.Order():
            definition.order_by = _order(item)
        case exp.SchemaCommentProperty():
            definition.comment = item.this.name
        case exp.EngineProperty() if item.name.upper() == "OLAP":
            pass
        case exp.LikeProperty():
            definition.like = item.this
        case exp.Property() if isinstance(item.this, exp.Literal):
            definition.properties[item.this.name] = item.args["value"].name
        case _:
            raise _unsupported(item)


def _read_partition_by(definition: Definition, expressions: Iterable[exp.Expr]) -> None:
    for node in expressions:
        used = [column.name for column in node.find_all(exp.Column)]
        definition.partition_by.append((to_starrocks(node), used))


def _read_distribution(definition: Definition, item: exp.DistributedByProperty) -> None:
    definition.distribution_columns = _identifiers(item.expressions)
    buckets = item.args.get("buckets")
    kind = str(item.args.get("kind"))
    columns = ", ".join(f"`{name}`" for name in definition.distribution_columns)
    definition.distribution = f"{kind}({columns})" if columns else kind
    if buckets is not None and isinstance(buckets, exp.Literal):
        definition.distribution += f" BUCKETS {buckets.name}"
    if item.args.get("order") is not None:
        definition.order_by = _order(item.args["order"])


def _order(node: exp.Order) -> str:
    return ", ".join(f"`{column.name}`" for column in node.find_all(exp.Column))


def _identifiers(nodes: Iterable[exp.Expr]) -> list[str]:
    return [node.name for node in nodes]


def _unsupported(item: exp.Expr) -> Exception:
    return analysis_error(
        f"Table clause is not supported by the local warehouse: {to_starrocks(item)}"
    )
