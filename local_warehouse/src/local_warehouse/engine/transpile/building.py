"""Small pieces from which the rewrites build DuckDB trees."""

from sqlglot import exp

from local_warehouse.engine.transpile.function_names import RETURNS_TEXT
from local_warehouse.engine.transpile.parsing import MARK, call_name

MACRO_SCHEMA = "default_catalog.functions."


def call(name: str, *arguments: exp.Expression) -> exp.Anonymous:
    """A call of a DuckDB function."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def macro(name: str, *arguments: exp.Expression) -> exp.Anonymous:
    """A call of one of the macros in `engine.functions`."""
    return call(MACRO_SCHEMA + name, *arguments)


def text(node: exp.Expression) -> exp.Expression:
    """The node as StarRocks casts it to text; itself where it is text already.

    The macro repeats its argument, so that wrapping without need would double the query's size with
    each level of nesting.
    """
    return node if is_text(node) else macro("text", node)


def datetime(node: exp.Expression) -> exp.Expression:
    """The node as a DATETIME; itself where it is one already."""
    if isinstance(node, exp.Anonymous) and node.name in _DATETIME_CALLS:
        return node
    if isinstance(node, exp.Add | exp.Sub) and isinstance(node.expression, exp.Interval):
        return node
    return macro("datetime", node)


def is_text(node: exp.Expression) -> bool:
    """Whether the node is text whatever its columns are."""
    if isinstance(node, exp.Literal):
        return bool(node.is_string)
    if isinstance(node, exp.Paren):
        return is_text(node.this)
    if isinstance(node, exp.Anonymous):
        if node.name in ("coalesce", "nullif"):
            return all(is_text(argument) for argument in node.expressions)
        return node.name in _TEXT_CALLS or (
            node.name.startswith(MARK) and call_name(node) in RETURNS_TEXT
        )
    return isinstance(node, exp.DPipe | exp.GroupConcat)


_DATETIME_CALLS = frozenset(
    MACRO_SCHEMA + name for name in ("now", "now_precise", "datetime", "parse_datetime")
)
_TEXT_CALLS = frozenset(
    [
        *(MACRO_SCHEMA + name for name in ("text", "md5", "sha2", "json_string", "left", "right")),
        *(MACRO_SCHEMA + name for name in ("substring", "substring_of", "format_datetime")),
        *("concat_ws", "lower", "upper", "replace", "trim", "ltrim", "rtrim", "lpad", "rpad"),
    ]
)


def string_value(node: exp.Expression) -> str | None:
    """The text of a string literal."""
    return node.name if isinstance(node, exp.Literal) and node.is_string else None
