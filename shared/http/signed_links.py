"""Links that open one thing for a short time, to whoever has them: no token is needed.

A link carries the second at which it ends and an HMAC-SHA256 over what it opens and that second. A
link that is made up, changed, late, or of another thing fails in one and the same way.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.http.key_files import secret_of
from shared.kernel.errors import Forbidden

SECONDS_DIGITS = frozenset(range(1, 13))
DOMAIN = b"greenloop signed link v1"


class SignedLinks:
    """Makes and checks links of one purpose, with one secret."""

    def __init__(self, secret: bytes, *, purpose: str, code: str) -> None:
        """`purpose` keeps links of different uses apart; `code` is that of every failure."""
        self._secret = secret
        self._purpose = purpose
        self._code = code

    @classmethod
    def from_file(cls, path: Path, *, purpose: str, code: str) -> "SignedLinks":
        """Read the secret; raise `Invalid` (token.key) where it is too short."""
        return cls(secret_of(path), purpose=purpose, code=code)

    def query(self, opens: str, *, now: datetime, good_for: timedelta) -> tuple[str, datetime]:
        """Return the query of a link that opens `opens` from `now` on, and when it ends."""
        ends_s = int((now + good_for).timestamp())
        expires = str(ends_s)
        query = f"expires={expires}&signature={self._signature(opens, expires)}"
        return query, datetime.fromtimestamp(ends_s, UTC)

    def check(self, opens: str, *, expires: str, signature: str, now: datetime) -> None:
        """Raise `Forbidden` unless the link opens `opens` at `now`; in constant time."""
        wanted = self._signature(opens, expires).encode()
        is_ours = hmac.compare_digest(wanted, signature.encode("utf-8", "replace"))
        is_form = len(expires) in SECONDS_DIGITS and expires.isascii() and expires.isdigit()
        if not (is_ours and is_form and now.timestamp() < int(expires)):
            raise self.refusal()

    def refusal(self) -> Forbidden:
        """Return what everybody is told whose link opens nothing."""
        return Forbidden(self._code, "this link opens nothing, or nothing any more")

    def _signature(self, opens: str, expires: str) -> str:
        parts = (self._purpose, opens, expires)
        # Lengths first: no two lists of parts give one message.
        message = b"".join(
            len(raw).to_bytes(4, "big") + raw
            for raw in (DOMAIN, *(part.encode("utf-8", "replace") for part in parts))
        )
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()
