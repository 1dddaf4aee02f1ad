"""The type of the fixture `rows`, in a module whose name no other test folder has."""

from collections.abc import Callable
from typing import Any

Rows = Callable[[str], list[tuple[Any, ...]]]
"""Runs statements and returns the rows of the last."""
