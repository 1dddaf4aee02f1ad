"""From a request and its table to the SQL that reads, converts and checks the rows."""

from dataclasses import dataclass
from typing import Self

from local_warehouse.engine import Table, TableColumn
from local_warehouse.stream_load.conversion import Reason, field_type, reasons, value_expression
from local_warehouse.stream_load.errors import LoadError
from local_warehouse.stream_load.request import LoadRequest

OPERATION = "__op"
REJECTED = "__rejected"


def identifier(name: str) -> str:
    """Return a name quoted for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a string quoted for DuckDB."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class LoadPlan:
    """What to do with each row of the data.

    Attributes:
        fields: Name and DuckDB type of each field of the data, in order.
        columns: The table's columns that the load has, each with SQL over the fields for its text.
        operation: SQL over the fields for 0 (upsert) or 1 (delete); None where all are upserts.
        strict: Whether a value that does not convert filters its row.
    """

    fields: dict[str, str]
    columns: tuple[tuple[TableColumn, str], ...]
    operation: str | None
    strict: bool

    @classmethod
    def of(cls, request: LoadRequest, table: Table) -> Self:
        """Plan a load into a table.

        Raises:
            LoadError: The `columns` header does not fit the table.
        """
        known = {column.name.lower(): column for column in table.columns}
        header = request.columns
        names = list(header.fields) if header else [column.name for column in table.columns]
        mappings = {
            name.lower(): text for name, text in (header.mappings if header else {}).items()
        }
        for name in mappings:
            if name not in known and not (name == OPERATION and table.model == "primary"):
                raise LoadError(f"Mapping column is not in table. column: {name}")
        if table.model == "primary" and request.format == "json" and OPERATION not in mappings:
            names += [] if OPERATION in names else [OPERATION]
        fields = {
            name: field_type(known[name.lower()]) if name.lower() in known else "VARCHAR"
            for name in names
        }
        by_name = {name.lower(): identifier(name) for name in names}
        texts = {name: f"CAST({text} AS VARCHAR)" for name, text in mappings.items()}
        sources = by_name | texts
        for column in table.columns:
            if (
                column.name.lower() not in sources
                and not column.nullable
                and column.default is None
            ):
                raise LoadError(f"Column has no default value. column: {column.name}")
        columns = tuple(
            (column, sources[column.name.lower()])
            for column in table.columns
            if column.name.lower() in sources
        )
        operation = sources.get(OPERATION) if table.model == "primary" else None
        return cls(fields, columns, operation, request.strict)

    def staging_sql(self, source: str, source_reasons: list[Reason]) -> str:
        """Return a SELECT of the typed columns, `__op` and whether the row is rejected.

        Args:
            source: SQL of the fields.
            source_reasons: Reasons to filter a row that the source itself knows.
        """
        values = [
            f"v{i} AS {identifier(column.name)}" for i, (column, _) in enumerate(self.columns)
        ]
        operation = ["operation AS " + OPERATION] if self.operation else []
        conditions = [reason.condition for reason in self._reasons(source_reasons)]
        rejected = f"({' OR '.join(conditions) or 'false'}) AS {REJECTED}"
        return f"SELECT {', '.join([*values, *operation, rejected])} FROM ({self._typed(source)})"  # noqa: S608

    def error_sql(
        self, source: str, source_reasons: list[Reason], row_text: str, limit: int
    ) -> str:
        """Return a SELECT of the first rejected rows: the message, and the row as text."""
        found = self._reasons(source_reasons)
        cases = " ".join(f"WHEN {reason.condition} THEN {reason.message}" for reason in found)
        conditions = " OR ".join(reason.condition for reason in found)
        return (
            f"SELECT CASE {cases} END, {row_text} FROM ({self._typed(source)}) "  # noqa: S608
            f"WHERE {conditions} LIMIT {limit}"
        )

    def _typed(self, source: str) -> str:
        raws = [f"{text} AS r{i}" for i, (_, text) in enumerate(self.columns)]
        values = [
            f"{value_expression(column, f'r{i}')} AS v{i}"
            for i, (column, _) in enumerate(self.columns)
        ]
        if self.operation:
            raws.append(f"COALESCE({self.operation}, '0') AS raw_operation")
            values.append(
                "CASE lower(raw_operation) WHEN '0' THEN 0 WHEN 'upsert' THEN 0 "
                "WHEN '1' THEN 1 WHEN 'delete' THEN 1 END AS operation"
            )
        return f"SELECT *, {', '.join(values)} FROM (SELECT *, {', '.join(raws)} FROM {source})"  # noqa: S608

    def _reasons(self, source_reasons: list[Reason]) -> list[Reason]:
        found = list(source_reasons)
        for i, (column, _) in enumerate(self.columns):
            found += reasons(column, f"r{i}", f"v{i}", strict=self.strict)
        if self.operation:
            found.append(Reason("(operation IS NULL)", "'Invalid __op: ' || raw_operation"))
        return found
