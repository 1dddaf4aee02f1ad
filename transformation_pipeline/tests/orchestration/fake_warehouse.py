"""A warehouse that answers the pipeline's queries from a list of prepared answers."""

from collections.abc import Sequence
from typing import Any

from transformation_pipeline.lib.raw_tables import RAW_TABLES

Answer = Sequence[tuple[Any, ...]] | Exception


def version_rows(**data_versions: int) -> list[tuple[Any, ...]]:
    """Returns a row per raw table: one partition, its id 100, its data version 1 unless said."""
    versions = {table.name: data_versions.get(table.name, 1) for table in RAW_TABLES}
    return [(name, 1, 100, version, 100 * version) for name, version in versions.items()]


class FakeWarehouse:
    """Gives one answer per query, the last one again and again; keeps the statements."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.statements: list[str] = []

    def fetch(self, statement: str) -> Sequence[tuple[Any, ...]]:
        self.statements.append(statement)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer
