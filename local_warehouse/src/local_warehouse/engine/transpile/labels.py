"""Column labels: a client sees the expression's own text where the query names none."""

from sqlglot import exp

from local_warehouse.engine.transpile.parsing import to_starrocks


def label_columns(query: exp.Expr) -> None:
    """Names the computed columns of a query by their StarRocks text."""
    for column in list(_projections(query)):
        if not isinstance(column, exp.Alias | exp.Column | exp.Star):
            label = exp.to_identifier(to_starrocks(column), quoted=True)
            column.replace(exp.Alias(this=column.copy(), alias=label))


def written_labels(query: exp.Expr) -> list[str] | None:
    """The labels as the query writes them, where DuckDB has the table's own letter case.

    Returns:
        None where a star stands for columns that the text does not name.
    """
    projections = _projections(query)
    if any(column.is_star for column in projections if not isinstance(column, exp.Alias)):
        return None
    return [column.alias_or_name for column in projections]


def _projections(query: exp.Expr) -> list[exp.Expr]:
    select = query
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    return list(select.expressions) if isinstance(select, exp.Select) else []
