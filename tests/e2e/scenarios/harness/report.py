"""What the suite measured: one JSON file and one table."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Tick:
    """One window's way: seconds from its commit to each stage."""

    observed: float
    pod_running: float
    marts_done: float


@dataclass(frozen=True)
class PodUsage:
    """What the pods of one component used, summed over its pods.

    Attributes:
        rest_mib: Mean memory (working set) of an idle platform.
        peak_mib: Highest memory seen in the whole suite.
        rest_cores: Mean CPU of an idle platform.
        peak_cores: Highest CPU seen in the whole suite.
    """

    rest_mib: float
    peak_mib: float
    rest_cores: float
    peak_cores: float


@dataclass
class Report:
    """Filled by the scenarios as they go; times are seconds."""

    warehouse: str = ""
    install_to_ready: float | None = None
    ticks: list[Tick] = field(default_factory=list)
    idle_seconds: float | None = None
    recovery: dict[str, float] = field(default_factory=dict)
    usage: dict[str, PodUsage] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Writes the JSON file whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        document = asdict(self) | {"tick_percentiles": self._percentiles()}
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(document, indent=2) + "\n")
        partial.replace(path)

    def show(self, console: Console) -> None:
        """Prints the table."""
        table = Table(title=f"Platform on Kubernetes, warehouse: {self.warehouse}")
        table.add_column("figure")
        table.add_column("value", justify="right")
        if self.install_to_ready is not None:
            table.add_row("install → ready", f"{self.install_to_ready:.0f} s")
        for stage, (p50, p95) in self._percentiles().items():
            table.add_row(
                f"tick committed → {stage.replace('_', ' ')}, p50 / p95 of {len(self.ticks)}",
                f"{p50:.1f} / {p95:.1f} s",
            )
        for event, seconds in self.recovery.items():
            table.add_row(f"{event} → healed", f"{seconds:.0f} s")
        for component, usage in sorted(self.usage.items()):
            table.add_row(
                f"{component}: at rest, peak",
                f"{usage.rest_mib:.0f}, {usage.peak_mib:.0f} MiB; "
                f"{usage.rest_cores:.3f}, {usage.peak_cores:.2f} cores",
            )
        if self.usage:
            table.add_row(
                f"all pods at rest, {self.idle_seconds:.0f} s without a run",
                f"{self.rest_mib:.0f} MiB; {self.rest_cores:.3f} cores",
            )
        console.print(table)

    @property
    def rest_mib(self) -> float:
        """Memory of all pods of the release at rest."""
        return sum(usage.rest_mib for usage in self.usage.values())

    @property
    def rest_cores(self) -> float:
        """CPU of all pods of the release at rest."""
        return sum(usage.rest_cores for usage in self.usage.values())

    def _percentiles(self) -> dict[str, tuple[float, float]]:
        if not self.ticks:
            return {}
        stages = ("observed", "pod_running", "marts_done")
        return {
            stage: percentiles([getattr(tick, stage) for tick in self.ticks]) for stage in stages
        }


def percentiles(values: Sequence[float]) -> tuple[float, float]:
    """The median, and the smallest value that 95 % of the values do not exceed."""
    ordered = sorted(values)
    rank = max(0, -(-95 * len(ordered) // 100) - 1)
    return statistics.median(ordered), ordered[rank]
