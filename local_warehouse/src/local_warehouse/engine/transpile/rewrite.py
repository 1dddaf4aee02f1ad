"""The walk over a statement that turns StarRocks nodes into DuckDB nodes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from local_warehouse.engine.catalog import View
from local_warehouse.engine.errors import analysis_error
from local_warehouse.engine.privileges import ROOT
from local_warehouse.engine.transpile import dates, relations
from local_warehouse.engine.transpile.building import call, cast, convert, datetime, macro, text
from local_warehouse.engine.transpile.calls import concat, rewrite_call
from local_warehouse.engine.transpile.casts import rewrite_cast
from local_warehouse.engine.transpile.families import Family, family_of, typed
from local_warehouse.engine.transpile.parsing import call_name, parse, to_starrocks
from local_warehouse.engine.transpile.scope import Scope


def to_duckdb(tree: exp.Expr, scope: Scope) -> str:
    """The DuckDB text of a query or expression; the tree is consumed.

    Raises:
        WarehouseError: something in it does not exist here.
    """
    return rewrite(tree, scope).sql(dialect="duckdb", identify=True, comments=False)


def rewrite(tree: exp.Expr, scope: Scope) -> exp.Expr:
    """The DuckDB tree of a query or expression; the tree is consumed.

    Raises:
        WarehouseError: something in it does not exist here.
    """
    holder = exp.Paren(this=tree)
    for node in reversed(list(tree.bfs())):
        if isinstance(node, exp.Table):
            view = relations.rewrite_table(node, scope)
            if view is not None:
                node.replace(_inlined(view, node, scope))
            continue
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            replacement = handler(node, scope)
            if replacement is not node:
                node.replace(replacement)
        elif isinstance(node, exp.Func) and not isinstance(node, _UNDERSTOOD):
            raise analysis_error(f"No matching function with signature: {to_starrocks(node)}")
    result: exp.Expr = holder.this
    result.pop()
    return result


def _inlined(view: View, reference: exp.Table, scope: Scope) -> exp.Subquery:
    """The query behind a view, read with the rights of the view's creator.

    A DuckDB view would not do: it fails once a table below it is created anew with other types.
    """
    definition = rewrite(parse(view.definition)[0], replace(scope, user=ROOT))
    columns = [exp.column(column.name, quoted=True) for column in view.columns]
    chosen = exp.select(*columns).from_(exp.Subquery(this=definition, alias=_DEFINITION.copy()))
    subquery = exp.Subquery(this=chosen, alias=reference.args["alias"])
    subquery.set("joins", reference.args.get("joins"))
    return subquery


_DEFINITION = exp.TableAlias(this=exp.to_identifier("definition"))


def _anonymous(node: exp.Anonymous, scope: Scope) -> exp.Expr:
    if call_name(node) == "JSON_EACH":
        # DuckDB's has six columns more than StarRocks' key and value.
        source = exp.select("key", "value").from_(call("json_each", *node.expressions))
        return exp.Subquery(this=source)
    return rewrite_call(node, scope)


def _column(node: exp.Column, _: Scope) -> exp.Expr:
    # A table keeps its plain name as its alias, so `database.table.column` is `table.column`.
    node.set("db", None)
    node.set("catalog", None)
    return node


def _sum(node: exp.Add | exp.Sub, scope: Scope) -> exp.Expr:
    if isinstance(node.expression, exp.Interval):
        return dates.shifted(node.this, node.expression, back=isinstance(node, exp.Sub))
    return _arithmetic(node, scope)


def _arithmetic(node: exp.Add | exp.Sub | exp.Mul, _: Scope) -> exp.Expr:
    # Truth values count as 1 and 0; DuckDB has no arithmetic on them.
    for operand in (node.this, node.expression):
        if family_of(operand) is Family.BOOLEAN:
            operand.replace(typed(cast(operand.copy(), "tinyint"), Family.WHOLE))
    return node


def _interval(node: exp.Interval, _: Scope) -> exp.Expr:
    unit = node.text("unit").upper()
    if unit not in dates.UNITS:
        raise analysis_error(f"Unsupported time unit '{unit.lower()}'")
    return node


def _extract(node: exp.Extract, _: Scope) -> exp.Expr:
    unit = node.name.upper()
    if unit not in dates.UNITS:
        raise analysis_error(f"Unsupported time unit '{unit.lower()}'")
    moment = datetime(node.expression)
    part = macro("microsecond", moment) if unit == "MICROSECOND" else call(unit.lower(), moment)
    return typed(part, Family.WHOLE)


def _substring(node: exp.Substring, _: Scope) -> exp.Expr:
    start = node.args["start"]
    size = node.args.get("length")
    if size is None:
        return typed(macro("substring", text(node.this), start), Family.TEXT)
    return typed(macro("substring_of", text(node.this), start, size), Family.TEXT)


def _trim(node: exp.Trim, _: Scope) -> exp.Expr:
    characters = node.expression
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(node.text("position").upper(), "trim")
    trimmed = call(name, text(node.this), *([characters] if characters else []))
    return typed(trimmed, Family.TEXT)


def _position(node: exp.StrPosition, _: Scope) -> exp.Expr:
    return typed(macro("locate", text(node.args["substr"]), text(node.this)), Family.WHOLE)


def _json_arrow(node: exp.JSONExtract, _: Scope) -> exp.Expr:
    path = node.expression
    if isinstance(path, exp.JSONPath):
        path = exp.Literal.string(path.sql(dialect="duckdb").strip("'"))
    return typed(macro("json_query", node.this, path), Family.JSON)


def _group_concat(node: exp.GroupConcat, _: Scope) -> exp.Expr:
    if not node.args.get("separator"):
        node.set("separator", exp.Literal.string(","))
    value = node.this
    while isinstance(value, exp.Distinct | exp.Order):
        value = value.expressions[0] if isinstance(value, exp.Distinct) else value.this
    if isinstance(value, exp.Column):
        value.replace(text(value.copy()))
    return typed(node, Family.TEXT)


def _like(node: exp.Like, _: Scope) -> exp.Expr:
    # MySQL's LIKE escapes with a backslash, DuckDB's with nothing unless told so.
    pattern = node.expression
    if isinstance(pattern, exp.Literal) and "\\" in pattern.name:
        return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))
    return node


def _variable(node: exp.SessionParameter, scope: Scope) -> exp.Expr:
    name = node.name.lower()
    if name not in scope.variables:
        raise analysis_error(f"Unknown system variable '{name}'")
    value = scope.variables[name]
    if value.lstrip("-").isdigit():
        return exp.Literal.number(value)
    if value in ("true", "false"):
        return exp.Literal.number(int(value == "true"))
    return exp.Literal.string(value)


def _truth(node: exp.And | exp.Or | exp.Not, _: Scope) -> exp.Expr:
    # Text in a condition is a truth value, or NULL; DuckDB would refuse to convert it.
    for operand in list(node.iter_expressions()):
        if family_of(operand) is Family.TEXT:
            operand.replace(convert(operand.copy(), Family.BOOLEAN))
    return node


def _user_variable(node: exp.Parameter, _: Scope) -> exp.Expr:
    raise analysis_error(f"User variable @{node.name} is not supported by the local warehouse")


def _group(node: exp.Group, _: Scope) -> exp.Expr:
    # GROUP BY a, b WITH ROLLUP is GROUP BY ROLLUP (a, b).
    rollups = node.args.get("rollup") or []
    if node.expressions and any(not rollup.expressions for rollup in rollups):
        node.set("rollup", [exp.Rollup(expressions=node.expressions)])
        node.set("expressions", [])
    return node


def _select(node: exp.Select, _: Scope) -> exp.Expr:
    node.set("hint", None)
    return node


def _table_of_rows(node: exp.TableFromRows, _: Scope) -> exp.Expr:
    """`TABLE(generate_series(…))` is the plain table function in DuckDB."""
    table = exp.Table(this=node.this, alias=node.args.get("alias"))
    for key in ("joins", "laterals"):
        if node.args.get(key):
            table.set(key, node.args[key])
    return table


def _current_timestamp(node: exp.CurrentTimestamp, _: Scope) -> exp.Expr:
    return dates.now([node.this] if node.this else [])


_HANDLERS: dict[type[exp.Expr], Callable[[Any, Scope], exp.Expr]] = {
    exp.Add: _sum,
    exp.And: _truth,
    exp.Anonymous: _anonymous,
    exp.Cast: lambda node, _: rewrite_cast(node),
    exp.Column: _column,
    exp.CurrentDate: lambda _, __: typed(macro("today"), Family.DATE),
    exp.CurrentTime: lambda _, __: typed(macro("clock"), Family.TEXT),
    exp.CurrentTimestamp: _current_timestamp,
    exp.Localtime: lambda _, __: dates.now([]),
    exp.Localtimestamp: lambda _, __: dates.now([]),
    exp.Distance: lambda node, _: concat([node.this, node.expression]),
    exp.Extract: _extract,
    exp.Group: _group,
    exp.GroupConcat: _group_concat,
    exp.Interval: _interval,
    exp.JSONExtract: _json_arrow,
    exp.Like: _like,
    exp.Mul: _arithmetic,
    exp.Not: _truth,
    exp.Or: _truth,
    exp.Parameter: _user_variable,
    exp.Select: _select,
    exp.SessionParameter: _variable,
    exp.StrPosition: _position,
    exp.Sub: _sum,
    exp.Substring: _substring,
    exp.TableFromRows: _table_of_rows,
    exp.Trim: _trim,
    exp.TryCast: lambda node, _: rewrite_cast(node),
}

_UNDERSTOOD = (
    exp.Array,
    exp.Case,
    exp.Exists,
    exp.If,
    exp.RegexpLike,
    exp.Struct,
    exp.ToMap,
    exp.Unnest,
    exp.Xor,
)
