"""Column labels: a client sees the expression's own text where the query names none."""

from sqlglot import exp

from local_warehouse.engine.transpile.parsing import to_starrocks


def label_columns(query: exp.Expression) -> None:
    """Names the unnamed columns of a query by their StarRocks text."""
    select = query
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    if not isinstance(select, exp.Select):
        return
    for column in list(select.expressions):
        if isinstance(column, exp.Alias | exp.Star) or column.is_star:
            continue
        label = column.name if isinstance(column, exp.Column) else to_starrocks(column)
        column.replace(
            exp.Alias(this=column.copy(), alias=exp.to_identifier(label, quoted=True))
        )
