"""A party's security code, typed on another party's device; locked after three wrong tries.

A try is counted before it is evaluated, so that of any number of parallel wrong ones only three
are evaluated. A try whose evaluation never ended (its process died) counts as wrong.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.errors import Forbidden, Unavailable

WRONG_MAX = 3
EVALUATED_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that is being evaluated since `at` (real time)."""

    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SecurityCode:
    """The code's salted hash, never the code. A new code begins with no wrong tries."""

    party_id: str
    salt: str
    digest: str
    set_at: datetime
    wrong: int = 0
    attempts: tuple[Attempt, ...] = ()

    def reserve(self, attempt_id: str, *, now: datetime) -> "SecurityCode":
        """Count a try that is going to be evaluated.

        Raises `Forbidden` (signature.code_locked) after three wrong ones, and `Unavailable`
        (signature.code_busy) while others are evaluated that may turn out to be the third.
        """
        alive = tuple(each for each in self.attempts if now - each.at < EVALUATED_WITHIN)
        wrong = self.wrong + len(self.attempts) - len(alive)
        if wrong >= WRONG_MAX:
            raise locked()
        if wrong + len(alive) >= WRONG_MAX:
            raise Unavailable("signature.code_busy", "this code is being tried; repeat")
        return replace(self, wrong=wrong, attempts=(*alive, Attempt(attempt_id, now)))

    def judged(self, attempt_id: str, *, right: bool) -> "SecurityCode":
        """Note how a try ended. A right one forgets the wrong ones before it."""
        others = tuple(each for each in self.attempts if each.attempt_id != attempt_id)
        if len(others) == len(self.attempts):
            return self
        return replace(self, wrong=0 if right else self.wrong + 1, attempts=others)


def locked() -> Forbidden:
    """Return the refusal of a locked code."""
    return Forbidden("signature.code_locked", "locked after three wrong tries; set a new code")


def wrong_code() -> Forbidden:
    """Return the refusal of a wrong code, or of a party that has none."""
    return Forbidden("signature.code_wrong", "this is not the party's security code")
