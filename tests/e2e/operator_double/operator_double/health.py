"""`/healthz` and `/readyz` for the kubelet."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def serve(port: int, ready: Callable[[], bool]) -> ThreadingHTTPServer:
    """Answer in a thread of its own: healthy while the process is, ready when `ready` says so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer one probe."""
            healthy = self.path == "/healthz" or (self.path == "/readyz" and ready())
            self.send_response(200 if healthy else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Probes are not worth a line each."""

    server = ThreadingHTTPServer(("", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
