"""Security codes: kept as salted scrypt hashes, counted before they are evaluated."""

import hashlib
import hmac
import os
from datetime import datetime

from services.tracking.domain.signature_codes import SecurityCode, wrong_code
from shared.kernel.aggregate import Aggregates, Decision
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id

SALT_BYTES = 16
# About 30 ms and 16 MB a try: what makes guessing from a copy of the database slow.
COST, BLOCK_SIZE, PARALLEL = 2**14, 8, 1


def new_code(party_id: str, code: str, now: datetime) -> SecurityCode:
    """Return a party's new code, without wrong tries."""
    salt = os.urandom(SALT_BYTES)
    return SecurityCode(party_id, salt.hex(), digest_of(code, salt), now)


def fingerprint(code: str, scope: str) -> str:
    """Return what tells one code from another within a request's scope, as slow to guess."""
    return digest_of(code, scope.encode())


def digest_of(code: str, salt: bytes) -> str:
    """Return the slow hash of a code, in hex."""
    raw = hashlib.scrypt(code.encode(), salt=salt, n=COST, r=BLOCK_SIZE, p=PARALLEL)
    return raw.hex()


class StoredCodes:
    """`CodeCheck` over documents of codes; `evaluated` counts the tries of this process."""

    def __init__(self, codes: Aggregates[SecurityCode], clock: Clock) -> None:
        """`clock` is real time: it bounds how long a try is under way."""
        self._codes = codes
        self._clock = clock
        self.evaluated = 0

    def check(self, party_id: str, code: str) -> None:
        """Count the try, evaluate it, note how it ended."""
        attempt_id = new_id()
        try:
            held = self._codes.change(
                party_id,
                lambda held: Decision(held.reserve(attempt_id, now=self._clock.now())),
            ).state
        except NotFound:
            raise wrong_code() from None
        self.evaluated += 1
        right = hmac.compare_digest(digest_of(code, bytes.fromhex(held.salt)), held.digest)
        self._codes.change(party_id, lambda held: Decision(held.judged(attempt_id, right=right)))
        if not right:
            raise wrong_code()
