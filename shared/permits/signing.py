"""Signing permits: tracking's own keys, from a PEM file. Development makes one where none is."""

import hashlib
import json
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.http.key_files import (
    ensure_private_key,
    jwk_of,
    private_keys,
    replace_file,
)
from shared.permits.model import Permit
from shared.permits.tokens import ALGORITHM, TYPE, claims_of


class PermitSigner:
    """Signs with the first key of a PEM file, and publishes the public halves of all of them.

    To change the key, put the new one first and leave the old one until its permits expired.
    """

    def __init__(self, path: Path) -> None:
        """Read the file; raise `Invalid` (token.key) where it holds no Ed25519 key."""
        self._keys = [(key_id(key), key) for key in private_keys(path)]

    def sign(self, permit: Permit) -> str:
        """Return the permit as a compact JWS; the same permit always gives the same text."""
        name, key = self._keys[0]
        headers = {"kid": name, "typ": TYPE}
        return jwt.encode(claims_of(permit), key, algorithm=ALGORITHM, headers=headers)

    def jwks(self) -> dict[str, Any]:
        """Return the public keys (RFC 7517)."""
        return {"keys": [jwk_of(key, name) for name, key in self._keys]}


def ensure_permit_keys(state_dir: Path) -> Path:
    """Make the development key and its JWKS where they are missing; return the PEM file's path."""
    private = state_dir / "permits" / "private.pem"
    public = jwks_path(state_dir)
    ensure_private_key(private)
    if not public.exists():
        replace_file(public, json.dumps(PermitSigner(private).jwks()).encode(), mode=0o644)
    return private


def jwks_path(state_dir: Path) -> Path:
    """Return where the development keys are published for other services."""
    return state_dir / "permits" / "jwks.json"


def key_id(key: Ed25519PrivateKey) -> str:
    """Return the key's thumbprint (RFC 7638): an id that follows from the key itself."""
    jwk = jwk_of(key, "")
    members = {name: jwk[name] for name in ("crv", "kty", "x")}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
