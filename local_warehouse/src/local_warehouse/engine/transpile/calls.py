"""Function calls: StarRocks name and arguments to DuckDB expression."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from local_warehouse.engine.errors import analysis_error
from local_warehouse.engine.transpile import dates
from local_warehouse.engine.transpile.building import call, cast, convert, macro, text
from local_warehouse.engine.transpile.families import Family, common_family, typed
from local_warehouse.engine.transpile.function_table import TABLE
from local_warehouse.engine.transpile.parsing import call_name, to_starrocks
from local_warehouse.engine.transpile.scope import Scope
from local_warehouse.engine.variables import MYSQL_VERSION, VERSION

Arguments = Sequence[exp.Expr]


def rewrite_call(node: exp.Anonymous, scope: Scope) -> exp.Expr:
    """The DuckDB form of a call.

    Raises:
        WarehouseError: there is no such function, or not with these arguments (1064).
    """
    name = call_name(node)
    arguments: list[exp.Expr] = node.expressions
    if name in _SESSION:
        return _session_value(name, scope)
    if name in _BUILDERS:
        result = _BUILDERS[name](arguments)
    elif name in dates.BUILDERS:
        result = dates.BUILDERS[name](arguments)
    elif name in TABLE:
        result = _from_table(name, arguments)
    else:
        result = None
    if result is None:
        signature = f"{name.lower()}({', '.join(map(to_starrocks, arguments))})"
        raise analysis_error(f"No matching function with signature: {signature}")
    return result


def _from_table(name: str, arguments: Arguments) -> exp.Expr:
    function = TABLE[name]
    converted = []
    for index, argument in enumerate(arguments):
        family = function.takes[min(index, len(function.takes) - 1)]
        converted.append(argument if family is None else convert(argument, family))
    build = macro if function.name.startswith("+") else call
    return typed(build(function.name.lstrip("+"), *converted), function.returns)


def _session_value(name: str, scope: Scope) -> exp.Expr:
    value: str | int | None
    match name:
        case "VERSION":
            value = MYSQL_VERSION
        case "CURRENT_VERSION":
            value = f"{VERSION}-embedded"
        case "CONNECTION_ID":
            return cast(exp.Literal.number(scope.connection_id), "bigint")
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


def concat(arguments: Arguments) -> exp.Expr:
    """Joined text, NULL as soon as one part is NULL; DuckDB's concat skips NULL."""
    result = text(arguments[0])
    for argument in arguments[1:]:
        result = exp.DPipe(this=result, expression=text(argument))
    return typed(exp.Paren(this=result), Family.TEXT)


def _coalesce(arguments: Arguments) -> exp.Expr:
    return typed(call("coalesce", *arguments), common_family(list(arguments)))


def _nullif(arguments: Arguments) -> exp.Expr:
    return typed(call("nullif", *arguments), common_family(list(arguments)))


def _to_date(arguments: Arguments) -> exp.Expr:
    return convert(arguments[0], Family.DATE)


def _null_if_any_null(name: str) -> Callable[[Arguments], exp.Expr]:
    def build(arguments: Arguments) -> exp.Expr:
        any_null = exp.or_(*(exp.Is(this=item.copy(), expression=exp.Null()) for item in arguments))
        return exp.Case(
            ifs=[exp.If(this=any_null, true=exp.Null())], default=call(name, *arguments)
        )

    return build


def _locate(arguments: Arguments) -> exp.Expr:
    part, value = map(text, arguments[:2])
    if len(arguments) == 2:
        return typed(macro("locate", part, value), Family.WHOLE)
    return typed(macro("locate_from", part, value, arguments[2]), Family.WHOLE)


def _log(arguments: Arguments) -> exp.Expr:
    return typed(macro("ln" if len(arguments) == 1 else "log", *arguments), Family.FLOAT)


def _truncate(arguments: Arguments) -> exp.Expr:
    digits = arguments[1] if len(arguments) > 1 else exp.Literal.number(0)
    return macro("truncate", arguments[0], digits)


def _pad(name: str) -> Callable[[Arguments], exp.Expr]:
    def build(arguments: Arguments) -> exp.Expr:
        filler = arguments[2] if len(arguments) > 2 else exp.Literal.string(" ")
        size = cast(arguments[1], "int")
        return typed(call(name, text(arguments[0]), size, text(filler)), Family.TEXT)

    return build


def _json_length(arguments: Arguments) -> exp.Expr:
    name = "json_length" if len(arguments) == 1 else "json_length_at"
    return typed(macro(name, *arguments), Family.WHOLE)


def _field(arguments: Arguments) -> exp.Expr:
    ifs = [
        exp.If(
            this=exp.EQ(this=arguments[0].copy(), expression=value),
            true=exp.Literal.number(position),
        )
        for position, value in enumerate(arguments[1:], start=1)
    ]
    return exp.Case(ifs=ifs, default=exp.Literal.number(0))


def _array_join(arguments: Arguments) -> exp.Expr:
    return call("array_to_string", *arguments[:2])


def _array_map(arguments: Arguments) -> exp.Expr | None:
    first, second = arguments
    if isinstance(first, exp.Lambda):
        return call("list_transform", second, first)
    return call("list_transform", first, second) if isinstance(second, exp.Lambda) else None


def _uuid(_: Arguments) -> exp.Expr:
    return typed(cast(call("uuid"), "varchar"), Family.TEXT)


_BUILDERS: dict[str, Callable[[Arguments], exp.Expr | None]] = {
    "ARRAY_JOIN": _array_join,
    "ARRAY_MAP": _array_map,
    "COALESCE": _coalesce,
    "CONCAT": concat,
    "DATE": _to_date,
    "FIELD": _field,
    "GREATEST": _null_if_any_null("greatest"),
    "IFNULL": _coalesce,
    "JSON_LENGTH": _json_length,
    "LEAST": _null_if_any_null("least"),
    "LOCATE": _locate,
    "LOG": _log,
    "LPAD": _pad("lpad"),
    "NULLIF": _nullif,
    "NVL": _coalesce,
    "RPAD": _pad("rpad"),
    "TO_DATE": _to_date,
    "TRUNCATE": _truncate,
    "UUID": _uuid,
}
