"""The statements: each module runs some of them, `run` finds the one for a parsed tree."""

from local_warehouse.engine.statements.dispatch import run

__all__ = ["run"]
