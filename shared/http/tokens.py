"""Verifies JWTs against an issuer's JWKS: fixed algorithms, iss, aud, exp and nbf required."""

import hashlib
import json
import time
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import jwt

from shared.kernel.errors import Rejected, Unavailable

ALGORITHMS = ("EdDSA", "ES256", "RS256")
LEEWAY_S = 10
TOKEN_BYTES_MAX = 4_096
CACHE_MAX = 10_000
RELOAD_EVERY_S = 5.0
Claims = dict[str, Any]


class Keys(Protocol):
    """Public keys by their id."""

    def key(self, key_id: str | None) -> jwt.PyJWK:
        """Return the key, or raise `KeyError`."""


class FileKeys:
    """Keys in a JWKS file, read again at most every 5 s when it has changed."""

    def __init__(self, path: Path) -> None:
        """The file may appear later."""
        self._path = path
        self._checked_at_s = float("-inf")
        self._read_ns = 0
        self._keys: dict[str | None, jwt.PyJWK] = {}

    def key(self, key_id: str | None) -> jwt.PyJWK:
        """Return the key."""
        if key_id not in self._keys or time.monotonic() - self._checked_at_s > RELOAD_EVERY_S:
            self._reload()
        return self._keys[key_id]

    def _reload(self) -> None:
        self._checked_at_s = time.monotonic()
        try:
            changed_ns = self._path.stat().st_mtime_ns
            if changed_ns != self._read_ns:
                held = json.loads(self._path.read_text(encoding="utf-8"))
                self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(held).keys}
                self._read_ns = changed_ns
        except (OSError, ValueError, jwt.PyJWTError) as error:
            raise Unavailable("auth.no_keys", "the issuer's keys cannot be read") from error


class UrlKeys:
    """Keys behind a URL, cached by PyJWT for five minutes."""

    def __init__(self, url: str) -> None:
        """Nothing is fetched before the first token."""
        self._client = jwt.PyJWKClient(url, cache_jwk_set=True, lifespan=300, timeout=3)

    def key(self, key_id: str | None) -> jwt.PyJWK:
        """Return the key."""
        try:
            return self._client.get_signing_key(key_id or "")
        except jwt.PyJWKClientConnectionError as error:
            raise Unavailable("auth.no_keys", "the issuer's keys cannot be read") from error
        except jwt.PyJWTError as error:
            raise KeyError(key_id) from error


class Tokens:
    """Verifies tokens; a verified one is remembered until it expires, 10,000 at most."""

    def __init__(self, keys: Keys, *, issuer: str, audience: str) -> None:
        """Tokens of another issuer or for another audience are refused."""
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._lock = Lock()
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()

    def claims(self, token: str) -> Claims:
        """Return the claims, or raise `Rejected` (http.unauthenticated)."""
        if len(token) > TOKEN_BYTES_MAX:
            raise unauthenticated()
        digest = hashlib.sha256(token.encode()).digest()
        with self._lock:
            held = self._verified.get(digest)
        if held is not None and held["exp"] > time.time():
            return held
        claims = self._verify(token)
        with self._lock:
            self._verified[digest] = claims
            while len(self._verified) > CACHE_MAX:
                self._verified.popitem(last=False)
        return claims

    def _verify(self, token: str) -> Claims:
        try:
            key = self._keys.key(jwt.get_unverified_header(token).get("kid"))
            return jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_S,
                options={"require": ["exp", "nbf", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            raise unauthenticated() from error


def unauthenticated() -> Rejected:
    """Return the rejection that does not say what was wrong with the token."""
    return Rejected("http.unauthenticated", "a valid token is needed")
