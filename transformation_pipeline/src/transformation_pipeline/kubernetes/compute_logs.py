"""Where a run's raw output is to be read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg
from dagster._core.storage.compute_log_manager import CapturedLogContext, LogRetrievalShellCommand
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._serdes import ConfigurableClassData

# As dagster_k8s names a run's Job. To import it for one name would cost each run 2 CPU seconds.
JOB_NAME_PREFIX = "dagster-run-"


class KubectlComputeLogManager(NoOpComputeLogManager):
    """Captures nothing: a run's output stays its pod's, and the UI names the command that shows it.

    Dagster's default writes files in the run's pod, where no webserver sees them, and starts two
    processes per stream for it.
    """

    def __init__(self, namespace: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self.namespace = namespace

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """The namespace of the runs' Jobs."""
        return {"namespace": dg.StringSource}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> "KubectlComputeLogManager":
        """Reads what dagster.yaml says."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        """Yields the command for the logs of a run; its key begins with the run's id."""
        # A pod has one stream for both.
        command = f"kubectl logs -n {self.namespace} job/{JOB_NAME_PREFIX}{log_key[0]}"
        yield CapturedLogContext(
            log_key, shell_cmd=LogRetrievalShellCommand(stdout=command, stderr=command)
        )
