"""Memory and CPU of the release's pods, read from the kubelet while the scenarios run."""

import json
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from harness.cluster import Cluster
from harness.report import PodUsage

INTERVAL_SECONDS = 5.0
_MIB = 2**20


@dataclass(frozen=True)
class Sample:
    """One reading: when (monotonic seconds), and per component MiB and cores."""

    at: float
    mib: Mapping[str, float]
    cores: Mapping[str, float]


class UsageSampler:
    """Reads the kubelet's summary in a thread of its own, until it is stopped."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="usage-sampler")
        self.samples: list[Sample] = []

    def start(self) -> None:
        """Begins to read."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def usage(self, idle_from: float, idle_to: float) -> dict[str, PodUsage]:
        """Sums up per component: what it used in the idle time, and its highest values."""
        idle = [sample for sample in self.samples if idle_from <= sample.at <= idle_to]
        components = {name for sample in self.samples for name in sample.mib}
        return {
            name: PodUsage(
                rest_mib=round(_mean([each.mib.get(name, 0.0) for each in idle]), 1),
                peak_mib=round(max(each.mib.get(name, 0.0) for each in self.samples), 1),
                rest_cores=round(_mean([each.cores.get(name, 0.0) for each in idle]), 4),
                peak_cores=round(max(each.cores.get(name, 0.0) for each in self.samples), 3),
            )
            for name in components
        }

    def _run(self) -> None:
        node = self._cluster.core.list_node().items[0].metadata.name
        while not self._stopping.wait(INTERVAL_SECONDS):
            self.samples.append(self._sample(node))

    def _sample(self, node: str) -> Sample:
        text = self._cluster.kubectl("get", "--raw", f"/api/v1/nodes/{node}/proxy/stats/summary")
        components = {
            pod.metadata.name: pod.metadata.labels.get("app.kubernetes.io/component", "other")
            for pod in self._cluster.pods()
            if "probe" not in pod.metadata.labels
        }
        mib: dict[str, float] = defaultdict(float)
        cores: dict[str, float] = defaultdict(float)
        for pod in json.loads(text)["pods"]:
            if pod["podRef"]["namespace"] != self._cluster.namespace:
                continue
            component = components.get(pod["podRef"]["name"])
            if component is not None:
                mib[component] += pod.get("memory", {}).get("workingSetBytes", 0) / _MIB
                cores[component] += pod.get("cpu", {}).get("usageNanoCores", 0) / 1e9
        return Sample(time.monotonic(), mib, cores)


def _mean(values: list[float]) -> float:
    return statistics.fmean(values) if values else 0.0
