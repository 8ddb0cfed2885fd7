"""A token issuer for development: one Ed25519 key under the state folder. Production refuses it."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import jwt

from shared.http.key_files import (
    ALGORITHM,
    ensure_private_key,
    jwk_of,
    private_keys,
    replace_file,
)
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id

ISSUER = "greenloop-local"
AUDIENCE = "greenloop"
TTL_S_MAX = 24 * 3600


def ensure_issuer(state_dir: Path) -> Path:
    """Create the key and its JWKS where they are missing; return the JWKS file's path.

    May be called by several processes at once: the first key wins.
    """
    folder = state_dir / "issuer"
    private, public = folder / "private.pem", folder / "jwks.json"
    ensure_private_key(private)
    if not public.exists():
        (key,) = private_keys(private)
        replace_file(public, json.dumps({"keys": [jwk_of(key, "local")]}).encode(), mode=0o644)
    return public


def issue_token(
    state_dir: Path,
    *,
    subject: str,
    roles: Sequence[str],
    ttl_s: int = 3600,
    area_code: str | None = None,
) -> str:
    """Return a signed token, valid from now for `ttl_s` seconds of real time, a day at most."""
    if not 0 < ttl_s <= TTL_S_MAX:
        raise Invalid("token.ttl", f"a token lives 1 to {TTL_S_MAX} seconds")
    ensure_issuer(state_dir)
    now_s = int(time.time())
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "roles": list(roles),
        "iat": now_s,
        "nbf": now_s,
        "exp": now_s + ttl_s,
        "jti": new_id(),
    }
    if area_code is not None:
        claims["area_code"] = area_code
    (key,) = private_keys(state_dir / "issuer" / "private.pem")
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": "local"})
