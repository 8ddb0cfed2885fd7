"""A token issuer for development: one Ed25519 key under the state folder. Production refuses it."""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
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
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private, public = folder / "private.pem", folder / "jwks.json"
    if not private.exists():
        _create(private)
    if not public.exists():
        key = _key(private)
        algorithm = jwt.get_algorithm_by_name("EdDSA")
        jwk = json.loads(algorithm.to_jwk(key.public_key()))
        jwk.update({"kid": "local", "use": "sig", "alg": "EdDSA"})
        _replace(public, json.dumps({"keys": [jwk]}).encode(), mode=0o644)
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
    key = _key(state_dir / "issuer" / "private.pem")
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": "local"})


def _key(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid("token.key", f"{path.name} is not an Ed25519 key")
    return key


def _create(path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    beside = path.with_name(f"{path.name}.{new_id()}")
    beside.touch(mode=0o600)
    beside.write_bytes(pem)
    try:
        os.link(beside, path)  # fails where another process was first: its key stays
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _replace(path: Path, content: bytes, *, mode: int) -> None:
    beside = path.with_name(f"{path.name}.{new_id()}")
    beside.touch(mode=mode)
    beside.write_bytes(content)
    beside.replace(path)
