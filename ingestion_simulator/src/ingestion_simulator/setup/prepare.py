"""The steps of `setup`, each told in one event."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from ingestion_simulator.connection import Connection
from ingestion_simulator.contracts import ALL_TABLES, create_table_sql
from ingestion_simulator.progress import Reporter
from ingestion_simulator.setup.administrator import Administrator
from ingestion_simulator.setup.nodes import require_alive
from ingestion_simulator.setup.passwords import Passwords
from ingestion_simulator.setup.patience import NotReadyError, Patience
from ingestion_simulator.setup.users import (
    USERS,
    User,
    beyond_need,
    grant_statements,
    password_statements,
)
from ingestion_simulator.time_zone import require_utc
from ingestion_simulator.warehouse import (
    DATABASES,
    TooFewBackendsError,
    UnreachableError,
    Warehouse,
    create_structure,
)

_Result = TypeVar("_Result")


def prepare(
    connection: Connection, passwords: Passwords, patience: Patience, reporter: Reporter
) -> None:
    """Brings the warehouse into the state that the platform needs.

    Raises:
        SimulatorError: It cannot; the message says what to change.
    """
    administrator = Administrator(connection)

    def when_ready(step: Callable[[Warehouse], _Result]) -> _Result:
        def attempt() -> _Result:
            try:
                with administrator.log_in() as warehouse:
                    return step(warehouse)
            except (UnreachableError, TooFewBackendsError) as missing:
                raise NotReadyError(str(missing)) from missing

        return patience.until(attempt)

    zone = when_ready(require_utc)
    reporter.event(
        "frontend_ready",
        user=connection.user,
        password="set" if administrator.password_was_set else "unchanged",
        time_zone=zone,
    )
    frontends, backends = when_ready(_count_nodes)
    reporter.event("backends_ready", frontends=frontends, backends=backends)
    when_ready(_create_structure)
    reporter.event(
        "structure_ready",
        databases=", ".join(DATABASES),
        tables=", ".join(contract.table for contract in ALL_TABLES),
    )
    for user in USERS:
        extra = when_ready(partial(_equip, user, passwords.users[user.name]))
        reporter.event("user_ready", user=user.name, may="; ".join(_told(user)))
        if extra:
            reporter.event(
                "user_may_more", level="warning", user=user.name, grants="; ".join(extra)
            )
    reporter.event("setup_finished", seconds=patience.seconds)


def _count_nodes(warehouse: Warehouse) -> tuple[int, int]:
    return (
        require_alive("frontend", warehouse.records("SHOW FRONTENDS")),
        require_alive("backend", warehouse.records("SHOW BACKENDS")),
    )


def _create_structure(warehouse: Warehouse) -> None:
    create_structure(warehouse, [create_table_sql(contract) for contract in ALL_TABLES])


def _equip(user: User, password: str, warehouse: Warehouse) -> list[str]:
    """Creates the user with its password and grants; returns the grants that it does not need."""
    for statement in password_statements(user, password):
        warehouse.execute_secretly(statement, f"set the password of {user.name!r}")
    for statement in grant_statements(user):
        warehouse.execute(statement)
    shown = warehouse.records(f"SHOW GRANTS FOR {user.name}")
    return beyond_need(user, [str(row["Grants"]) for row in shown])


def _told(user: User) -> list[str]:
    return [f"{', '.join(grant.privileges)} on {grant.target}" for grant in user.grants]
