"""Keys in files, for what a process signs itself: made where missing.

Ed25519 keys are published as JWKS; a secret is shared by the processes of one service only.
"""

import json
import os
from pathlib import Path
from typing import Any

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

ALGORITHM = "EdDSA"
END_OF_KEY = b"-----END PRIVATE KEY-----"
KEYS_MAX = 8
SECRET_BYTES = 32


def ensure_private_key(path: Path) -> None:
    """Make a key where there is none. Several processes may do so at once: the first key wins."""
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        _put_first(path, pem)


def ensure_secret(path: Path) -> None:
    """Make a random secret where there is none; the first of several processes wins."""
    if not path.exists():
        _put_first(path, os.urandom(SECRET_BYTES).hex().encode())


def secret_of(path: Path) -> bytes:
    """Return a secret; raise `Invalid` (token.key) for one of fewer than 32 bytes."""
    secret = path.read_bytes().strip()
    if len(secret) < SECRET_BYTES:
        raise Invalid("token.key", f"{path.name} holds a secret of {SECRET_BYTES} bytes or more")
    return secret


def private_keys(path: Path) -> list[Ed25519PrivateKey]:
    """Return the keys of a PEM file, up to 8; raise `Invalid` (token.key) for other kinds."""
    parts = path.read_bytes().split(END_OF_KEY)[:-1]
    if not 0 < len(parts) <= KEYS_MAX:
        raise Invalid("token.key", f"{path.name} holds 1 to {KEYS_MAX} private keys")
    return [_key(part + END_OF_KEY, path) for part in parts]


def jwk_of(key: Ed25519PrivateKey, key_id: str) -> dict[str, Any]:
    """Return the public key as a JWK under an id."""
    jwk: dict[str, Any] = json.loads(jwt.get_algorithm_by_name(ALGORITHM).to_jwk(key.public_key()))
    return {**jwk, "kid": key_id, "use": "sig", "alg": ALGORITHM}


def replace_file(path: Path, content: bytes, *, mode: int) -> None:
    """Put content into a file at once: readers see the old or the new."""
    beside = path.with_name(f"{path.name}.{new_id()}")
    beside.touch(mode=mode)
    beside.write_bytes(content)
    beside.replace(path)


def _put_first(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.{new_id()}")
    beside.touch(mode=0o600)
    beside.write_bytes(content)
    try:
        os.link(beside, path)  # fails where another process was first: its key stays
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _key(pem: bytes, path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(pem.strip(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid("token.key", f"{path.name} is not an Ed25519 key")
    return key
