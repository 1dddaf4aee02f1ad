"""Dagster's Postgres storage with connections that are kept.

dagster-postgres opens a connection for every statement: 30 a second for an idle daemon and code
server, each 4 ms of Postgres' CPU and as much of the client's, and 40 for a trivial run.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import (
    create_pg_engine,
    get_token_provider_from_config,
    pg_url_from_config,
)

# In each process. The daemon's threads seldom ask at once; what goes beyond is opened and closed.
KEPT_CONNECTIONS = 3
MOST_CONNECTIONS = 20

# Firewalls forget idle connections after 5 minutes and more.
RECYCLE_SECONDS = 240


@cache
def shared_engine(postgres_url: str) -> sqlalchemy.Engine:
    """Returns the process's one engine of a database.

    One for all storages and instances: a code server opens an instance for each request and
    disposes of none of their engines. A pool in each would leave two connections a request behind.
    """
    return create_pg_engine(
        postgres_url,
        isolation_level="AUTOCOMMIT",
        pool_size=KEPT_CONNECTIONS,
        max_overflow=MOST_CONNECTIONS - KEPT_CONNECTIONS,
        pool_recycle=RECYCLE_SECONDS,
        # A restart of Postgres must not break a statement that a new connection would have served.
        pool_pre_ping=True,
    )


class PooledPostgresStorage(DagsterPostgresStorage):
    """Runs, events and schedules over connections that are kept; configured as `postgres` is.

    With an `auth_provider` connections are as short as Dagster's own, since its tokens are.
    """

    def __init__(
        self,
        postgres_url: str,
        should_autocreate_tables: bool = True,
        inst_data: ConfigurableClassData | None = None,
        token_provider: Any = None,
    ) -> None:
        super().__init__(postgres_url, should_autocreate_tables, inst_data, token_provider)
        if token_provider is None:
            for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
                # No public way leads to a storage's engine.
                storage._engine = shared_engine(postgres_url)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "PooledPostgresStorage":
        """Makes the storage that dagster.yaml describes."""
        return cls(
            inst_data=inst_data,
            postgres_url=pg_url_from_config(config_value),
            should_autocreate_tables=config_value.get("should_autocreate_tables", True),
            token_provider=get_token_provider_from_config(config_value),
        )
