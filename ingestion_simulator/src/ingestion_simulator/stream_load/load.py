"""One load: a body, where it goes and under which label."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Load:
    """Rows for one table, all visible at once or not at all.

    Attributes:
        database: Target database.
        table: Target table.
        label: Content-bound label; every repetition of the load uses the same one.
        columns: Entries of the `columns` header: column names, or `column=expression`.
        rows: Number of rows in the body, at least one: StarRocks refuses an empty load.
        body: Newline-delimited JSON, one object per row.
    """

    database: str
    table: str
    label: str
    columns: tuple[str, ...]
    rows: int
    body: bytes = field(repr=False)
