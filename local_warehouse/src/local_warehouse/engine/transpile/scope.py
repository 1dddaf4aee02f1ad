"""What the names in a statement mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local_warehouse.engine.catalog import Catalog


@dataclass(frozen=True)
class Scope:
    """The session a statement runs in, as far as its meaning depends on it.

    Attributes:
        catalog: databases and relations.
        database: the current database.
        user: who runs the statement.
        connection_id: the session's number.
        variables: session variables by lower-case name.
        rows_readable: whether a backend is alive, without which no table can be read.
    """

    catalog: Catalog
    database: str | None = None
    user: str = "root"
    connection_id: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)
    rows_readable: bool = True
