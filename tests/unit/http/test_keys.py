"""Where public keys come from: a file that may be late or broken, a URL that may be slow."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.http.keys import FileKeys, UrlKeys
from shared.http.local_issuer import ensure_issuer
from shared.kernel.errors import Unavailable
from tests.polling import eventually


@contextmanager
def issuer(jwks):
    """An issuer's endpoint that waits for its gate; gives URL, gate and a list of requests."""
    gate, asked = threading.Event(), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            gate.wait(20)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(jwks)

        def log_message(self, *_):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks", gate, asked
    finally:
        gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


def found(keys, key_id):
    try:
        return keys.key(key_id)
    except Unavailable:
        return None


def test_a_url_is_never_waited_for(tmp_path):
    jwks = ensure_issuer(tmp_path).read_bytes()
    with issuer(jwks) as (url, gate, _):
        keys = UrlKeys(url)
        with pytest.raises(Unavailable):
            keys.key("local")

        gate.set()

        assert eventually(lambda: found(keys, "local"), within_s=5).key_id == "local"


def test_made_up_key_ids_do_not_cause_a_fetch_each(tmp_path):
    jwks = ensure_issuer(tmp_path).read_bytes()
    with issuer(jwks) as (url, gate, asked):
        gate.set()
        keys = UrlKeys(url)
        eventually(lambda: found(keys, "local"), within_s=5)

        for number in range(50):
            with pytest.raises(KeyError):
                keys.key(f"made-up-{number}")

        assert len(asked) == 1


def test_who_may_block_waits_for_the_first_fetch_and_no_longer_than_is_said(tmp_path):
    jwks = ensure_issuer(tmp_path).read_bytes()
    with issuer(jwks) as (url, gate, asked):
        keys = UrlKeys(url, wait_s=0.2)
        for _ in range(40):  # together they wait once
            with pytest.raises(Unavailable):
                keys.key("local")
        gate.set()
        assert len(asked) <= 1

    with issuer(jwks) as (url, gate, _):
        gate.set()
        assert UrlKeys(url, wait_s=10.0).key("local").key_id == "local"


def test_a_new_key_is_not_unknown_while_its_issuer_is_away(tmp_path):
    jwks = ensure_issuer(tmp_path).read_bytes()
    now_s = [0.0]
    with issuer(jwks) as (url, gate, _):
        gate.set()
        keys = UrlKeys(url, wait_s=10.0, real_time_s=lambda: now_s[0])
        keys.key("local")
    now_s[0] += 6.0

    with pytest.raises(Unavailable):
        keys.key("rotated")
    assert keys.key("local").key_id == "local"


@pytest.mark.parametrize("jwks", [b"", b"[]", b"{}", b'{"keys": []}', b"\xff"])
def test_a_broken_answer_is_unavailability(jwks):
    with issuer(jwks) as (url, gate, asked):
        gate.set()
        keys = UrlKeys(url)
        found(keys, "local")
        eventually(lambda: asked, within_s=5)

        with pytest.raises(Unavailable):
            keys.key("local")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/jwks", "jwks.json"])
def test_refuses_what_is_no_web_address(url):
    with pytest.raises(ValueError, match="https"):
        UrlKeys(url)


def test_a_file_may_appear_later(tmp_path):
    keys = FileKeys(tmp_path / "issuer" / "jwks.json")
    with pytest.raises(Unavailable):
        keys.key("local")

    ensure_issuer(tmp_path)

    assert keys.key("local").key_id == "local"


def test_a_broken_file_leaves_the_keys_that_were_good(tmp_path):
    path = ensure_issuer(tmp_path)
    keys = FileKeys(path)
    keys.key("local")

    path.write_text("{")

    with pytest.raises(KeyError):
        keys.key("unknown")
    assert keys.key("local").key_id == "local"


def test_two_issuers_at_once_make_one_key(tmp_path):
    paths = []
    threads = [
        threading.Thread(target=lambda: paths.append(ensure_issuer(tmp_path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(paths)) == 1
    assert len(json.loads(paths[0].read_bytes())["keys"]) == 1
