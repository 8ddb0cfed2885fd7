"""A worker's /livez, /readyz and /metrics, in a thread of its own."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Answer = tuple[int, str, bytes]


def serve_health(host: str, port: int, *, ready: Callable[[], bool]) -> ThreadingHTTPServer:
    """Start answering; `shutdown()` the server that is returned to stop."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # a slow client holds a thread for so long at the most

        def do_GET(self) -> None:
            status, media_type, body = _answer(self.path, ready)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Scrapes are not worth a line."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server


def _answer(path: str, ready: Callable[[], bool]) -> Answer:
    if path == "/metrics":
        return 200, CONTENT_TYPE_LATEST, generate_latest()
    if path == "/livez":
        return 200, "text/plain", b"ok"
    if path == "/readyz":
        return (200, "text/plain", b"ok") if ready() else (503, "text/plain", b"not ready")
    return 404, "text/plain", b"not found"
