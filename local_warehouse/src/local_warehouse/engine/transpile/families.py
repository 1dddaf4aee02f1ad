"""What kind of value a DuckDB tree yields, as far as the tree alone tells."""

from enum import Enum, auto
from typing import TypeVar

from sqlglot import exp

from local_warehouse.engine.types import Kind


class Family(Enum):
    """Types among which conversions make no difference."""

    TEXT = auto()
    WHOLE = auto()
    DECIMAL = auto()
    FLOAT = auto()
    BOOLEAN = auto()
    DATE = auto()
    DATETIME = auto()
    JSON = auto()


FAMILIES = {
    Kind.BOOLEAN: Family.BOOLEAN,
    Kind.TINYINT: Family.WHOLE,
    Kind.SMALLINT: Family.WHOLE,
    Kind.INT: Family.WHOLE,
    Kind.BIGINT: Family.WHOLE,
    Kind.LARGEINT: Family.WHOLE,
    Kind.FLOAT: Family.FLOAT,
    Kind.DOUBLE: Family.FLOAT,
    Kind.DECIMAL: Family.DECIMAL,
    Kind.DATE: Family.DATE,
    Kind.DATETIME: Family.DATETIME,
    Kind.CHAR: Family.TEXT,
    Kind.VARCHAR: Family.TEXT,
    Kind.JSON: Family.JSON,
}

_META = "family"

Node = TypeVar("Node", bound=exp.Expr)


def typed(node: Node, family: Family | None) -> Node:
    """Remembers what a tree yields."""
    if family is not None:
        node.meta[_META] = family
    return node


def family_of(node: exp.Expr) -> Family | None:
    """What a tree yields; None where that hangs on a column's type."""
    known = node.meta.get(_META)
    if known is not None:
        return Family(known)
    match node:
        case exp.Literal():
            if node.is_string:
                return Family.TEXT
            return Family.WHOLE if node.name.isdigit() else Family.DECIMAL
        case exp.Paren() | exp.Neg():
            return family_of(node.this)
        case exp.Case():
            branches = [branch.args["true"] for branch in node.args["ifs"]]
            return common_family([*branches, node.args.get("default") or exp.Null()])
        case exp.If():
            return common_family([node.args["true"], node.args.get("false") or exp.Null()])
        case exp.Add() | exp.Sub() | exp.Mul():
            both = common_family([node.this, node.expression])
            return both if both is Family.WHOLE else None
        case exp.Predicate() | exp.Connector() | exp.Not() | exp.Boolean():
            return Family.BOOLEAN
    return None


def common_family(nodes: list[exp.Expr]) -> Family | None:
    """The one family of all nodes but NULL; None where they differ or one is unknown."""
    families = {family_of(node) for node in nodes if not isinstance(node, exp.Null)}
    return families.pop() if len(families) == 1 else None
