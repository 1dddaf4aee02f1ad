"""The process: watchers that fill the agenda, and one loop that empties it."""

import argparse
import logging
import signal
import sys
import threading
import time
from types import FrameType

from operator_double.agenda import Agenda, Backoff, Key
from operator_double.api import NETWORK_ERRORS, Api, GoneError, brief, connect
from operator_double.health import serve
from operator_double.manifest import KIND, SyncError
from operator_double.reconcile import reconcile
from operator_double.status import RECONCILING
from operator_double.watch import Watcher

LOG = logging.getLogger("operator_double")

UNSETTLED_SECONDS = 5.0
"""Endpoints are not watched: how soon to look again at a cluster that is not running yet."""


class Operator:
    """One pass after another."""

    def __init__(self, api: Api, agenda: Agenda) -> None:
        self._api, self._agenda = api, agenda
        self._backoff = Backoff(first=1.0, longest=60.0)

    def step(self, key: Key) -> None:
        """One pass over one cluster, and when to come back to it."""
        try:
            failed, settled = self._pass(key)
        except GoneError:
            self._agenda.add(key)
        # A SyncError here is a status that the API server refuses; those of a pass
        # are in the status itself.
        except (*NETWORK_ERRORS, SyncError) as error:
            LOG.warning("%s/%s: %s", *key, brief(error))
            self._agenda.add(key, self._backoff.failed(key))
        else:
            if failed:
                self._agenda.add(key, self._backoff.failed(key))
                return
            self._backoff.succeeded(key)
            if not settled:
                self._agenda.add(key, UNSETTLED_SECONDS)

    def _pass(self, key: Key) -> tuple[bool, bool]:
        """Returns: whether the pass failed; whether nothing more is expected of it."""
        cluster = self._api.read(KIND, *key)
        if cluster is None or "deletionTimestamp" in cluster["metadata"]:
            return False, True
        status, failed = reconcile(self._api, cluster)
        before = cluster.get("status", {})
        if status != before:
            LOG.info("%s/%s: %s %s", *key, status["phase"], status["reason"])
            self._api.write_status(cluster | {"status": status})
        return failed, status["phase"] != RECONCILING


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="operator_double", description=__doc__)
    parser.add_argument("--namespace", default="", help="watch this namespace alone")
    parser.add_argument("--health-port", type=int, default=8081)
    options = parser.parse_args()
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    signal.signal(signal.SIGTERM, _stop)  # the first process of a container has no default

    agenda, api = Agenda(), connect()
    watchers = [
        Watcher(api, kind, options.namespace, agenda) for kind in (KIND, "StatefulSet", "Service")
    ]
    for watcher in watchers:
        threading.Thread(target=watcher.run, args=(time.sleep,), daemon=True).start()
    serve(options.health_port, lambda: all(watcher.listed.is_set() for watcher in watchers))
    LOG.info("watching %s", options.namespace or "all namespaces")
    operator = Operator(api, agenda)
    while True:
        key = agenda.take(timeout=1.0)
        if key is not None:
            operator.step(key)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    LOG.info("stopping")
    sys.exit(0)


if __name__ == "__main__":
    main()
