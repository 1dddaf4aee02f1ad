"""A headless browser that finds the ingress under the release's host names."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from harness.release import INGRESS

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Starts the machine's Chromium; every host name leads to the ingress.

    Raises:
        AssertionError: There is no Chromium.
    """
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    assert path, "no Chromium: install Debian's package chromium, or set CHROMIUM to its path"
    address = urlsplit(INGRESS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--host-resolver-rules=MAP * {address.hostname}:{address.port or 80}",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()
