"""An API on a socket of this machine, behind its edge, as it is deployed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tests.integration.every_service import Api
from tests.polling import eventually

# One caller sends all that it can here; what it is held to is tested in tests/unit/http.
LIMITS = {"requests_per_s_max": 1_000_000}


@contextmanager
def served(api: Api) -> Iterator[str]:
    """Give the address; the server has ended when the context does."""
    server = uvicorn.Server(
        uvicorn.Config(
            api.behind_its_edge(**LIMITS),
            host="127.0.0.1",
            port=0,
            loop="uvloop",
            http="h11",
            ws="none",
            access_log=False,
            log_config=None,
            log_level="critical",
            server_header=False,
        )
    )
    thread = threading.Thread(target=server.run, name=f"{api.name}-served", daemon=True)
    thread.start()
    eventually(lambda: server.started)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=15)
