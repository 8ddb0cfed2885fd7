"""An issuer's public keys (JWKS), from a file or a URL. A look-up never waits for a network."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any, Protocol
from urllib.request import Request, urlopen

import jwt
import structlog

from shared.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

JWKS_BYTES_MAX = 256 * 1024
RELOAD_EVERY_S = 5.0
REFETCH_EVERY_S = 300.0
FETCH_TIMEOUT_S = 3.0

KeySet = dict[str | None, jwt.PyJWK]


class Keys(Protocol):
    """Public keys by their id. Threads may share them."""

    def key(self, key_id: str | None) -> jwt.PyJWK:
        """Return the key; raise `KeyError` (no such key) or `Unavailable` (auth.no_keys)."""


class FileKeys:
    """Keys in a JWKS file, looked at again at most every 5 s, or at once for an unknown key."""

    def __init__(self, path: Path) -> None:
        """The file may appear later."""
        self._path = path
        self._checked_at_s = float("-inf")
        self._seen: tuple[int, int] | None = None
        self._keys: KeySet = {}

    def key(self, key_id: str | None) -> jwt.PyJWK:
        """Return the key."""
        if key_id not in self._keys or time.monotonic() - self._checked_at_s > RELOAD_EVERY_S:
            self._reload()
        return self._keys[key_id]

    def _reload(self) -> None:
        self._checked_at_s = time.monotonic()
        try:
            status = self._path.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if seen != self._seen:
                self._keys = key_set(self._path.read_bytes())
                self._seen = seen
        except (OSError, ValueError, jwt.PyJWTError) as error:
            # Keys that were good a moment ago are better than none: nobody revoked them.
            if not self._keys:
                raise no_keys() from error
            log.warning("auth.keys_unreadable", error=type(error).__name__)


class UrlKeys:
    """Keys behind a URL, fetched by a thread: every 5 minutes, sooner for an unknown key.

    Meanwhile a caller with an unknown key gets 503 and comes again, also while the last fetch has
    failed; made-up key ids cause one fetch in 5 s at most.
    """

    def __init__(
        self, url: str, *, wait_s: float = 0.0, real_time_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is fetched before the first token.

        `wait_s` is how long after its begin a fetch is waited for by who needs it and may block.
        """
        if not url.startswith(("https://", "http://")):
            raise ValueError("a JWKS URL begins with https:// or http://")
        self._url = url
        self._wait_s = wait_s
        self._now_s = real_time_s
        self._failed = False
        self._keys: KeySet = {}
        self._begun_at_s = float("-inf")
        self._fetching: Thread | None = None

    def key(self, key_id: str | None) -> jwt.PyJWK:
        """Return the key."""
        known = key_id in self._keys
        age_s = self._now_s() - self._begun_at_s
        if age_s > (REFETCH_EVERY_S if known else RELOAD_EVERY_S) and not self._is_fetching():
            self._begun_at_s = self._now_s()
            self._fetching = Thread(target=self._fetch, name="jwks", daemon=True)
            self._fetching.start()
        if not known:
            self._await_fetch()
        if key_id not in self._keys and (self._is_fetching() or self._failed or not self._keys):
            raise no_keys()
        return self._keys[key_id]

    def _await_fetch(self) -> None:
        """Wait for a fetch under way, as long as all who wait for it may together."""
        left_s = self._begun_at_s + self._wait_s - self._now_s()
        if left_s > 0 and self._fetching is not None:
            self._fetching.join(left_s)

    def _is_fetching(self) -> bool:
        return self._fetching is not None and self._fetching.is_alive()

    def _fetch(self) -> None:
        request = Request(self._url, headers={"Accept": "application/json"})  # noqa: S310 - checked above
        try:
            with urlopen(request, timeout=FETCH_TIMEOUT_S) as answer:  # noqa: S310 - checked above
                self._keys = key_set(answer.read(JWKS_BYTES_MAX))
            self._failed = False
        except (OSError, ValueError, jwt.PyJWTError) as error:
            self._failed = True
            log.warning("auth.keys_not_fetched", error=type(error).__name__)


def keys_at(source: str, *, wait_s: float = 0.0) -> Keys:
    """Return the keys of a JWKS file, or of a URL that is waited for up to `wait_s`."""
    if source.startswith(("http://", "https://")):
        return UrlKeys(source, wait_s=wait_s)
    return FileKeys(Path(source))


def key_set(jwks: bytes) -> KeySet:
    """Return the keys of a JWKS document; raise `ValueError` or `PyJWTError`."""
    held: Any = json.loads(jwks)
    if not isinstance(held, dict):
        raise jwt.PyJWKSetError("a JWKS is an object")
    return {key.key_id: key for key in jwt.PyJWKSet.from_dict(held).keys}


def no_keys() -> Unavailable:
    """Return the error for the time without keys."""
    return Unavailable("auth.no_keys", "the issuer's keys cannot be read")
