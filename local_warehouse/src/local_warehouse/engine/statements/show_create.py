"""SHOW CREATE TABLE and SHOW CREATE VIEW, rendered from the metadata."""

from local_warehouse.engine.catalog import CURRENT_TIMESTAMP, Relation, Table, TableColumn, View
from local_warehouse.engine.results import Result, text_table


def show_create(relation: Relation) -> Result:
    """The statement that would create a relation again."""
    if isinstance(relation, View):
        return text_table(
            ["View", "Create View", "character_set_client", "collation_connection"],
            [(relation.name, create_view(relation), "utf8", "utf8_general_ci")],
        )
    return text_table(["Table", "Create Table"], [(relation.name, create_table(relation))])


def create_view(view: View) -> str:
    """CREATE VIEW of a view."""
    columns = ", ".join(f"`{column.name}`" for column in view.columns)
    comment = f' COMMENT "{_escaped(view.comment)}"' if view.comment else ""
    return f"CREATE VIEW `{view.name}` ({columns}){comment} AS {view.definition};"


def create_table(table: Table) -> str:
    """CREATE TABLE of a table."""
    columns = ",\n".join(f"  {_column(column)}" for column in table.columns)
    lines = [f"CREATE TABLE `{table.name}` (", columns, ") ENGINE=OLAP"]
    if table.keys:
        keys = ", ".join(f"`{key}`" for key in table.keys)
        model = "PRIMARY" if table.model == "primary" else "DUPLICATE"
        lines.append(f"{model} KEY({keys})")
    if table.comment:
        lines.append(f'COMMENT "{_escaped(table.comment)}"')
    if table.partition_by:
        lines.append(f"PARTITION BY {', '.join(table.partition_by)}")
    if table.distribution:
        lines.append(f"DISTRIBUTED BY {table.distribution}")
    if table.order_by:
        lines.append(f"ORDER BY({table.order_by})")
    properties = {"replication_num": "1", **table.properties}
    settings = ",\n".join(f'"{name}" = "{value}"' for name, value in sorted(properties.items()))
    lines.append(f"PROPERTIES (\n{settings}\n);")
    return "\n".join(lines)


def _column(column: TableColumn) -> str:
    text = f"`{column.name}` {column.type} {'NULL' if column.nullable else 'NOT NULL'}"
    if column.default == CURRENT_TIMESTAMP:
        text += " DEFAULT CURRENT_TIMESTAMP"
    elif column.default is not None:
        text += f' DEFAULT "{_escaped(column.default)}"'
    return f'{text} COMMENT "{_escaped(column.comment)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
