"""Events of one kind of object fill the agenda; a list every two minutes makes up for lost ones."""

import logging
import threading
from collections.abc import Callable

from operator_double.agenda import Agenda, Key
from operator_double.api import NETWORK_ERRORS, Api, GoneError, brief, is_missing
from operator_double.manifest import KIND, OWNER_LABEL, Manifest

LOG = logging.getLogger(__name__)

RESYNC_SECONDS = 120
PAUSE_SECONDS = 2.0


def key_of(manifest: Manifest) -> Key | None:
    """The cluster that an object is, or belongs to."""
    metadata = manifest["metadata"]
    if manifest.get("kind") == KIND:
        return metadata["namespace"], metadata["name"]
    for owner in metadata.get("ownerReferences", []):
        if owner["kind"] == KIND and owner.get("controller"):
            return metadata["namespace"], owner["name"]
    return None


class Watcher:
    """Lists and watches one kind for ever."""

    def __init__(self, api: Api, kind: str, namespace: str, agenda: Agenda) -> None:
        self._api, self._kind, self._namespace, self._agenda = api, kind, namespace, agenda
        self._selector = "" if kind == KIND else OWNER_LABEL
        self.listed = threading.Event()

    def run(self, wait: Callable[[float], object]) -> None:
        """Go on for ever; `wait` passes the time after an error."""
        while True:
            try:
                self.once()
            except GoneError as error:
                LOG.info("listing %s again: %s", self._kind, error)
            except NETWORK_ERRORS as error:
                LOG.warning("%s", self._explain(error))
                wait(PAUSE_SECONDS)

    def once(self) -> None:
        """List, then watch until the next list is due."""
        items, version = self._api.list(self._kind, self._namespace, self._selector)
        for item in items:
            self._note({"kind": self._kind, **item})
        self.listed.set()
        for item in self._api.watch(
            self._kind, self._namespace, self._selector, version, RESYNC_SECONDS
        ):
            self._note(item)

    def _note(self, item: Manifest) -> None:
        key = key_of(item)
        if key is not None:
            self._agenda.add(key)

    def _explain(self, error: Exception) -> str:
        if is_missing(error) and self._kind == KIND:
            return "StarRocksCluster is not known to this cluster; apply the operator's crd.yaml"
        return f"cannot watch {self._kind}: {brief(error)}"
