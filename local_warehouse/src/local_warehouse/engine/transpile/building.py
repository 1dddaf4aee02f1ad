"""Small pieces from which the rewrites build DuckDB trees, and conversions between families."""

from sqlglot import exp

from local_warehouse.engine.transpile.families import Family, family_of, typed

MACRO_SCHEMA = "default_catalog.functions."


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of a DuckDB function."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def macro(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of one of the macros in `engine.functions`."""
    return call(MACRO_SCHEMA + name, *arguments)


def cast(node: exp.Expr, duckdb_type: str) -> exp.Cast:
    """DuckDB's CAST, which raises."""
    return exp.Cast(this=node, to=exp.DataType.build(duckdb_type, dialect="duckdb"))


def convert(node: exp.Expr, target: Family) -> exp.Expr:
    """A value as StarRocks casts it to a family.

    Where the tree tells its own family, the conversion is a plain one; otherwise a macro decides
    by the type that DuckDB finds.
    """
    source = family_of(node)
    if source is target:
        return node
    if isinstance(node, exp.Null):
        return typed(cast(node, _DUCKDB[target]), target)
    return typed(_CONVERSIONS[target](node, source), target)


def text(node: exp.Expr) -> exp.Expr:
    """A value as text."""
    return convert(node, Family.TEXT)


def datetime(node: exp.Expr) -> exp.Expr:
    """A value as DATETIME."""
    return convert(node, Family.DATETIME)


def string_value(node: exp.Expr) -> str | None:
    """The text of a string literal."""
    return node.name if isinstance(node, exp.Literal) and node.is_string else None


def _to_text(node: exp.Expr, source: Family | None) -> exp.Expr:
    match source:
        case Family.WHOLE | Family.DECIMAL | Family.DATE:
            return cast(node, "varchar")
        case Family.BOOLEAN:
            return cast(cast(node, "tinyint"), "varchar")
        case Family.DATETIME:
            return macro("text_of_datetime", node)
        case Family.FLOAT:
            return macro("text_of_float", node)
        case Family.JSON:
            return macro("text_of_json", node)
    return macro("text", node)


def _to_whole(node: exp.Expr, source: Family | None) -> exp.Expr:
    match source:
        case Family.BOOLEAN:
            return cast(node, "hugeint")
        case Family.TEXT:
            return macro("whole_of_text", node)
        case Family.DECIMAL | Family.FLOAT:
            return macro("whole_of_decimal", node)
        case Family.DATE:
            return macro("whole_of_date", node)
        case Family.DATETIME:
            return macro("whole_of_datetime", node)
        case Family.JSON:
            return macro("whole_of_json", cast(node, "varchar"))
    return macro("whole", node)


def _to_datetime(node: exp.Expr, source: Family | None) -> exp.Expr:
    match source:
        case Family.DATE:
            return cast(node, "timestamp")
        case Family.TEXT:
            return macro("datetime_of_text", node)
        case None:
            return macro("datetime", node)
    return macro("datetime_of_text", text(node))


def _to_date(node: exp.Expr, _: Family | None) -> exp.Expr:
    return cast(datetime(node), "date")


def _to_boolean(node: exp.Expr, source: Family | None) -> exp.Expr:
    match source:
        case Family.TEXT:
            return macro("boolean_of_text", node)
        case Family.WHOLE | Family.DECIMAL | Family.FLOAT:
            return cast(node, "boolean")
    return macro("boolean", node)


def _to_json(node: exp.Expr, source: Family | None) -> exp.Expr:
    match source:
        case Family.TEXT:
            return macro("json_of_text", node)
        case None:
            return macro("json", node)
    return call("to_json", node)


_CONVERSIONS = {
    Family.TEXT: _to_text,
    Family.WHOLE: _to_whole,
    Family.DATETIME: _to_datetime,
    Family.DATE: _to_date,
    Family.BOOLEAN: _to_boolean,
    Family.JSON: _to_json,
}

_DUCKDB = {
    Family.TEXT: "varchar",
    Family.WHOLE: "bigint",
    Family.DATETIME: "timestamp",
    Family.DATE: "date",
    Family.BOOLEAN: "boolean",
    Family.JSON: "json",
}
