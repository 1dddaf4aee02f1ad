"""The Kubernetes API of one namespace, in the words of the scenarios."""

import base64
import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from kubernetes import client, config

from harness.waiting import wait_until

JOB_SECONDS = 300.0
"""How long a one-off Job of the scenarios may take, image pull and verification included."""


class Cluster:
    """One namespace of the cluster that a kubeconfig names.

    Attributes:
        namespace: Where the release lives.
        core: Pods, Services, Secrets, events.
        batch: Jobs and CronJobs.
        apps: Deployments and StatefulSets.
        custom: Custom resources.
        rbac: Access reviews.
    """

    def __init__(self, kubeconfig: str, namespace: str) -> None:
        api = config.new_client_from_config(kubeconfig)
        self.namespace = namespace
        self.core = client.CoreV1Api(api)
        self.batch = client.BatchV1Api(api)
        self.apps = client.AppsV1Api(api)
        self.rbac = client.AuthorizationV1Api(api)
        self.custom = client.CustomObjectsApi(api)
        self._kubeconfig = kubeconfig

    def kubectl(self, *arguments: str, check: bool = True) -> str:
        """Runs kubectl in the namespace and returns what it printed, errors included."""
        done = subprocess.run(
            ["kubectl", f"--kubeconfig={self._kubeconfig}", "-n", self.namespace, *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if check and done.returncode:
            raise AssertionError(f"kubectl {' '.join(arguments)}: {done.stdout}")
        return done.stdout

    def pods(self, component: str = "", **labels: str) -> list[Any]:
        """Lists the pods of a component, or all of the namespace."""
        wanted = dict(labels)
        if component:
            wanted["app.kubernetes.io/component"] = component
        selector = ",".join(f"{name}={value}" for name, value in wanted.items())
        return list(self.core.list_namespaced_pod(self.namespace, label_selector=selector).items)

    def pod(self, component: str) -> Any:
        """The one pod of a component that is not about to end."""
        pods = [pod for pod in self.pods(component) if pod.metadata.deletion_timestamp is None]
        assert len(pods) == 1, f"{component}: {[pod.metadata.name for pod in pods]}"
        return pods[0]

    def ended_pod(self, name: str) -> Any:
        """A pod whose containers have ended, or None while they have not."""
        pod = self.core.read_namespaced_pod(name, self.namespace)
        return pod if pod.status.phase in ("Succeeded", "Failed") else None

    def wait_ready(self, component: str, seconds: float = 180.0, other_than: str = "") -> Any:
        """Waits for the one pod of a component to be ready.

        Args:
            component: Value of the component label.
            seconds: When to give up.
            other_than: UID of a pod that does not count: the one that was killed.
        """

        def ready() -> Any:
            for pod in self.pods(component):
                if pod.metadata.uid != other_than and is_ready(pod):
                    return pod
            return None

        return wait_until(f"a ready pod of {component}", ready, seconds)

    def logs(self, pod: str, *arguments: str) -> str:
        """What a pod's container printed."""
        return self.kubectl("logs", pod, *arguments)

    def job_logs(self, job: str) -> str:
        """What the newest pod of a Job printed."""
        pods = sorted(
            self.pods(**{"batch.kubernetes.io/job-name": job}),
            key=lambda pod: pod.metadata.creation_timestamp,
        )
        return self.logs(pods[-1].metadata.name) if pods else ""

    def run_job_of(
        self,
        cronjob: str,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
    ) -> tuple[bool, str]:
        """Starts a Job of a CronJob's template and waits for its end.

        Returns:
            Whether it succeeded, and what its newest pod printed.
        """
        self.start_job_of(cronjob, name, command, environment)
        return self.wait_job(name), self.job_logs(name)

    def start_job_of(
        self,
        cronjob: str,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Starts a Job made from a CronJob's template, as `kubectl create job --from` does.

        Args:
            cronjob: Name of the CronJob.
            name: Name of the new Job.
            command: Replaces the container's command.
            environment: Plain variables that replace the container's.
        """
        template = self.batch.read_namespaced_cron_job(cronjob, self.namespace)
        spec = template.spec.job_template.spec
        container = spec.template.spec.containers[0]
        container.command, container.args = list(command), None
        for variable, value in (environment or {}).items():
            container.env = [entry for entry in container.env if entry.name != variable]
            container.env.append(client.V1EnvVar(name=variable, value=value))
        spec.backoff_limit = 0
        labels = (
            template.spec.job_template.metadata.labels
            if (template.spec.job_template.metadata)
            else None
        )
        job = client.V1Job(metadata=client.V1ObjectMeta(name=name, labels=labels), spec=spec)
        self.batch.create_namespaced_job(self.namespace, job)

    def wait_job(self, name: str, seconds: float = JOB_SECONDS) -> bool:
        """Waits for the end of a Job and returns whether it succeeded."""

        def ended() -> str | None:
            status = self.batch.read_namespaced_job_status(name, self.namespace).status
            for condition in status.conditions or []:
                if condition.type in ("Complete", "Failed") and condition.status == "True":
                    return str(condition.type)
            return None

        return wait_until(f"the end of Job {name}", ended, seconds, poll=0.2) == "Complete"

    def jobs(self, selector: str) -> list[Any]:
        """Lists the Jobs that have the labels."""
        return list(self.batch.list_namespaced_job(self.namespace, label_selector=selector).items)

    def execute(self, pod: str, *command: str) -> str:
        """Runs a command in a pod and returns what it printed."""
        return self.kubectl("exec", pod, "--", *command)

    def kill(self, pod: str) -> None:
        """Deletes a pod without any grace: what a lost node looks like."""
        self.core.delete_namespaced_pod(pod, self.namespace, grace_period_seconds=0)

    def secret(self, name: str) -> dict[str, str]:
        """Decodes a Secret."""
        text = self.kubectl("get", "secret", name, "-o", "json")
        return {
            key: base64.b64decode(value).decode() for key, value in json.loads(text)["data"].items()
        }

    def collect(self, folder: Path) -> None:
        """Writes what explains a failure: objects, events, and the logs of every container."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, arguments in {
            "objects.txt": ("get", "all,ingress,networkpolicy,pvc,starrockscluster", "-o", "wide"),
            "events.txt": ("get", "events", "--sort-by=.lastTimestamp"),
            "describe.txt": ("describe", "pods,jobs,cronjobs"),
            "starrockscluster.yaml": ("get", "starrockscluster", "-o", "yaml"),
        }.items():
            (folder / name).write_text(self.kubectl(*arguments, check=False))
        for pod in self.pods():
            for container in [*(pod.spec.init_containers or []), *pod.spec.containers]:
                for suffix, flags in (("", ()), (".previous", ("--previous",))):
                    name = f"{pod.metadata.name}.{container.name}{suffix}.log"
                    arguments = ("logs", pod.metadata.name, f"--container={container.name}")
                    (folder / name).write_text(self.kubectl(*arguments, *flags, check=False))


def is_ready(pod: Any) -> bool:
    """Whether a pod serves: ready, and not about to end."""
    if pod.metadata.deletion_timestamp is not None:
        return False
    return any(
        condition.type == "Ready" and condition.status == "True"
        for condition in pod.status.conditions or []
    )


def started_at(pod: Any) -> datetime | None:
    """When the pod's first container began to run."""
    for status in pod.status.container_statuses or []:
        state = status.state.running or status.state.terminated
        if state is not None:
            started: datetime = state.started_at
            return started
    return None


def json_lines(text: str) -> list[dict[str, Any]]:
    """The JSON objects among the lines of a log."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
