"""Function calls: StarRocks name and arguments to DuckDB expression."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from local_warehouse.engine.errors import analysis_error
from local_warehouse.engine.transpile import dates
from local_warehouse.engine.transpile.building import call, macro, text
from local_warehouse.engine.transpile.function_names import MACRO, NATIVE, TEXT_NATIVE
from local_warehouse.engine.transpile.parsing import call_name, to_starrocks
from local_warehouse.engine.transpile.scope import Scope
from local_warehouse.engine.variables import MYSQL_VERSION, VERSION

Arguments = Sequence[exp.Expression]


def rewrite_call(node: exp.Anonymous, scope: Scope) -> exp.Expression:
    """The DuckDB form of a call.

    Raises:
        WarehouseError: there is no such function, or not with these arguments (1064).
    """
    name = call_name(node)
    arguments: list[exp.Expression] = node.expressions
    if name in _SESSION:
        return _session_value(name, scope)
    if name in _BUILDERS:
        result = _BUILDERS[name](arguments)
    elif name in dates.BUILDERS:
        result = dates.BUILDERS[name](arguments)
    elif name in NATIVE:
        result = call(NATIVE[name], *arguments)
    elif name in MACRO:
        result = macro(MACRO[name], *arguments)
    elif name in TEXT_NATIVE:
        result = call(TEXT_NATIVE[name], *(text(argument) for argument in arguments))
    else:
        result = None
    if result is None:
        signature = f"{name.lower()}({', '.join(map(to_starrocks, arguments))})"
        raise analysis_error(f"No matching function with signature: {signature}")
    return result


def _session_value(name: str, scope: Scope) -> exp.Expression:
    value: str | int | None
    match name:
        case "VERSION":
            value = MYSQL_VERSION
        case "CURRENT_VERSION":
            value = f"{VERSION}-embedded"
        case "CONNECTION_ID":
            return exp.cast(exp.Literal.number(scope.connection_id), "bigint")
        case "DATABASE" | "SCHEMA":
            value = scope.database
        case "CATALOG" | "CURRENT_CATALOG":
            value = "default_catalog"
        case "CURRENT_ROLE":
            value = "root" if scope.user == "root" else "NONE"
        case _:
            value = f"'{scope.user}'@'%'"
    return exp.Null() if value is None else exp.Literal.string(value)


_SESSION = frozenset(
    {
        "CATALOG",
        "CONNECTION_ID",
        "CURRENT_CATALOG",
        "CURRENT_ROLE",
        "CURRENT_USER",
        "CURRENT_VERSION",
        "DATABASE",
        "SCHEMA",
        "SESSION_USER",
        "USER",
        "VERSION",
    }
)


def concat(arguments: Arguments) -> exp.Expression:
    """Joined text, NULL as soon as one part is NULL; DuckDB's concat skips NULL."""
    result = text(arguments[0])
    for argument in arguments[1:]:
        result = exp.DPipe(this=result, expression=text(argument))
    return exp.Paren(this=result) if len(arguments) > 1 else result


def _concat_ws(arguments: Arguments) -> exp.Expression:
    return call("concat_ws", *(text(argument) for argument in arguments))


def _null_if_any_null(name: str) -> Callable[[Arguments], exp.Expression]:
    def build(arguments: Arguments) -> exp.Expression:
        any_null = exp.or_(*(exp.Is(this=item.copy(), expression=exp.Null()) for item in arguments))
        return exp.Case(
            ifs=[exp.If(this=any_null, true=exp.Null())], default=call(name, *arguments)
        )

    return build


def _locate(arguments: Arguments) -> exp.Expression:
    return macro("locate" if len(arguments) == 2 else "locate_from", *arguments)


def _log(arguments: Arguments) -> exp.Expression:
    return macro("ln" if len(arguments) == 1 else "log", *arguments)


def _truncate(arguments: Arguments) -> exp.Expression:
    digits = arguments[1] if len(arguments) > 1 else exp.Literal.number(0)
    return macro("truncate", arguments[0], digits)


def _pad(name: str) -> Callable[[Arguments], exp.Expression]:
    def build(arguments: Arguments) -> exp.Expression:
        filler = arguments[2] if len(arguments) > 2 else exp.Literal.string(" ")
        size = exp.cast(arguments[1], "int", dialect="duckdb")
        return call(name, text(arguments[0]), size, text(filler))

    return build


def _repeat(arguments: Arguments) -> exp.Expression:
    return call("repeat", text(arguments[0]), arguments[1])


def _json_object(arguments: Arguments) -> exp.Expression:
    return call("json_object", *arguments)


def _json_array(arguments: Arguments) -> exp.Expression:
    return call("json_array", *arguments)


def _json_length(arguments: Arguments) -> exp.Expression:
    return macro("json_length" if len(arguments) == 1 else "json_length_at", *arguments)


def _field(arguments: Arguments) -> exp.Expression:
    ifs = [
        exp.If(
            this=exp.EQ(this=arguments[0].copy(), expression=value),
            true=exp.Literal.number(position),
        )
        for position, value in enumerate(arguments[1:], start=1)
    ]
    return exp.Case(ifs=ifs, default=exp.Literal.number(0))


def _array_join(arguments: Arguments) -> exp.Expression:
    return call("array_to_string", *arguments[:2])


def _array_map(arguments: Arguments) -> exp.Expression | None:
    first, second = arguments
    if isinstance(first, exp.Lambda):
        return call("list_transform", second, first)
    return call("list_transform", first, second) if isinstance(second, exp.Lambda) else None


def _uuid(_: Arguments) -> exp.Expression:
    return exp.cast(call("uuid"), "varchar", dialect="duckdb")


_BUILDERS: dict[str, Callable[[Arguments], exp.Expression | None]] = {
    "ARRAY_JOIN": _array_join,
    "ARRAY_MAP": _array_map,
    "CONCAT": concat,
    "CONCAT_WS": _concat_ws,
    "FIELD": _field,
    "GREATEST": _null_if_any_null("greatest"),
    "JSON_ARRAY": _json_array,
    "JSON_LENGTH": _json_length,
    "JSON_OBJECT": _json_object,
    "LEAST": _null_if_any_null("least"),
    "LOCATE": _locate,
    "LOG": _log,
    "LPAD": _pad("lpad"),
    "REPEAT": _repeat,
    "RPAD": _pad("rpad"),
    "TRUNCATE": _truncate,
    "UUID": _uuid,
}
