"""Verifies JWTs against an issuer's JWKS: fixed algorithms, iss, aud, exp and nbf required."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from shared.http.keys import Keys
from shared.kernel.errors import Rejected

ALGORITHMS = ("EdDSA", "ES256", "RS256")
REQUIRED = ("exp", "nbf", "iss", "aud", "sub")
LEEWAY_S = 10
TOKEN_BYTES_MAX = 4_096
SUBJECT_LETTERS_MAX = 128
CACHE_MAX = 10_000
TRUSTED_FOR_S = 60.0

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Verified:
    claims: Claims
    until_s: float


class Tokens:
    """Verifies tokens. The 10,000 used last are trusted for a minute, then verified again.

    So a key that its issuer withdrew is refused within a minute and the reload of the keys.
    Used by one event loop.
    """

    def __init__(
        self,
        keys: Keys,
        *,
        issuer: str,
        audience: str,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        """Tokens of another issuer or audience are refused. `now_s` ends the minute of trust."""
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._now_s = now_s
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    def claims(self, token: str) -> Claims:
        """Return the claims; raise `Rejected` (http.unauthenticated) or `Unavailable`."""
        digest = _digest(token)
        held = self._known(digest)
        if held is None:
            if len(token) > TOKEN_BYTES_MAX:
                raise unauthenticated()
            held = self._verify(token)
            self._verified[digest] = _Verified(held, self._trusted_until_s(held))
            if len(self._verified) > CACHE_MAX:
                self._verified.popitem(last=False)
        return held

    def subject_if_known(self, token: str) -> str | None:
        """Return whose token it is where it was verified within a minute, else None."""
        held = self._known(_digest(token))
        return None if held is None else str(held["sub"])

    def _known(self, digest: bytes) -> Claims | None:
        held = self._verified.get(digest)
        if held is None:
            return None
        if held.until_s <= self._now_s():
            del self._verified[digest]
            return None
        self._verified.move_to_end(digest)
        return held.claims

    def _verify(self, token: str) -> Claims:
        try:
            key = self._keys.key(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_S,
                options={"require": list(REQUIRED)},
            )
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            raise unauthenticated() from error
        if not 0 < len(claims["sub"]) <= SUBJECT_LETTERS_MAX or not _names(claims.get("roles", [])):
            raise unauthenticated()
        return claims

    def _trusted_until_s(self, claims: Claims) -> float:
        return min(self._now_s() + TRUSTED_FOR_S, float(claims["exp"]))


def _names(roles: object) -> bool:
    return isinstance(roles, list) and all(isinstance(role, str) for role in roles)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def unauthenticated() -> Rejected:
    """Return the rejection that does not say what was wrong with the token."""
    return Rejected("http.unauthenticated", "a valid token is needed")
