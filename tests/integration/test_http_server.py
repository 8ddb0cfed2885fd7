"""The server as it is deployed: real sockets, hostile bytes, an orderly end."""

import json
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import httpx
import pytest

from tests.architecture.source_tree import ROOT
from tests.chaos.processes import settings
from tests.integration.service_processes import free_port
from tests.polling import eventually

pytestmark = pytest.mark.integration

HEAD = b"POST /v1/words HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n"


class Served:
    """A running server, and its log."""

    def __init__(self, process, port, log):
        self.process = process
        self.port = port
        self.base = f"http://127.0.0.1:{port}"
        self._log = log

    def log(self):
        return self._log.read_text(encoding="utf-8")

    def is_ready(self):
        try:
            return httpx.get(f"{self.base}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def exchange(self, *pieces):
        """Send bytes as they are; return all that comes until the server closes or is quiet."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            for piece in pieces:
                connection.sendall(piece)
            connection.settimeout(1)
            return b"".join(received(connection))


def received(connection):
    while True:
        try:
            piece = connection.recv(65_536)
        except (TimeoutError, ConnectionResetError):
            return
        if not piece:
            return
        yield piece


@contextmanager
def serving(folder):
    port, log = free_port(), folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.http_server"],
            cwd=ROOT,
            env=settings({"http_port": str(port), "state_dir": str(folder)}),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    served = Served(process, port, log)
    try:
        eventually(served.is_ready, within_s=30)
        yield served
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as served:
        yield served


def test_answers_a_request(server):
    assert httpx.post(f"{server.base}/v1/words", json={"text": "four"}).json() == {"letters": 4}


def test_refuses_a_declared_large_body_before_it_comes(server):
    answer = server.exchange(HEAD + b"Content-Length: 1000000\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413")


def test_refuses_a_chunked_large_body_while_it_comes(server):
    chunk = b"2000\r\n" + b" " * 0x2000 + b"\r\n"

    answer = server.exchange(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk * 9)

    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"Transfer-Encoding: gzip\r\n\r\n{}",
        b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        b"bad header\r\n\r\n",
    ],
    ids=["negative", "two lengths", "unknown coding", "large header", "no colon"],
)
def test_refuses_a_malformed_request_and_serves_the_next(server, headers):
    answer = server.exchange(HEAD + headers)

    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 501"))
    assert server.is_ready()


def test_refuses_what_is_no_http_with_a_problem(server):
    head, _, body = server.exchange(b"\x16\x03\x01 hello\r\n\r\n").partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] == "http.malformed"


def test_a_client_that_goes_away_harms_nobody(server):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")

    assert httpx.post(f"{server.base}/v1/words", json={"text": "x"}).status_code == 200


def test_names_no_server_software(server):
    assert "server" not in httpx.get(f"{server.base}/livez").headers


def test_counts_what_it_refuses(server):
    httpx.get(f"{server.base}/v1/nothing")

    assert 'route="unmatched"' in httpx.get(f"{server.base}/metrics").text


def test_ends_on_sigterm_when_the_request_under_way_has_its_answer(tmp_path):
    with serving(tmp_path) as served:
        answers = []
        asking = threading.Thread(
            target=lambda: answers.append(httpx.get(f"{served.base}/v1/slow", timeout=10))
        )
        asking.start()
        eventually(lambda: "slow begins" in served.log())

        served.process.send_signal(signal.SIGTERM)

        asking.join()
        assert answers[0].text == "slow ends"
        assert served.process.wait(timeout=10) in (0, -signal.SIGTERM)
