"""Codes by HMAC-SHA-256 under a key that is not in the database: a dump of it opens no door."""

import base64
import hmac
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

from pydantic import SecretStr

from shared.kernel.ids import new_id

CODE_BYTES = 20  # 160 bits: 32 letters and digits, which a QR code packs well
KEY_BYTES = 32


class HmacCodes:
    """`Codes` under a key. All processes of the service need the same one."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        """`key` gives 32 bytes or more, and is asked when a code is needed."""
        self._key = key

    def code(self, purpose: str, made_of: str) -> str:
        """Return 32 letters and digits (RFC 4648 base32)."""
        digest = self._digest(purpose, made_of)
        return base64.b32encode(digest[:CODE_BYTES]).decode()

    def scope_secret(self) -> bytes:
        """Return what goes into the scopes of keyed calls (shared/http/idempotency.py)."""
        return self._digest("scope", "")

    def _digest(self, purpose: str, made_of: str) -> bytes:
        return hmac.new(self._key(), f"{purpose}\0{made_of}".encode(), sha256).digest()


def key_of(given: SecretStr | None, state_dir: Path) -> bytes:
    """Return the given key, or else the one in a file under the state folder."""
    if given is not None:
        return given.get_secret_value().encode()
    return key_in(state_dir / "collection" / "code.key")


def key_in(path: Path) -> bytes:
    """Return the key in a file, for development; the first of several processes makes it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_name(f"{path.name}.{new_id()}")
        beside.touch(mode=0o600)
        beside.write_bytes(token_bytes(KEY_BYTES))
        try:
            os.link(beside, path)  # fails where another process was first: its key stays
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return path.read_bytes()
