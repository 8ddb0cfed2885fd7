"""A household's sign-up for a drive: optional, and of use where a drive has only so many places."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.collection.domain.pools import Place
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict
from shared.kernel.ids import derived_id


class SignUpState(StrEnum):
    """Whether the household wants to come. `LAPSED`: its place was held and never used."""

    SIGNED = "signed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class SignUp:
    """One household at one drive. `place` is the one it uses, `to_free` those it gave up.

    `is_fresh`: nobody looked yet whether the drive was called off while this was decided.
    """

    sign_up_id: str
    drive_id: str
    household_id: str
    state: SignUpState
    at: datetime
    community_code: str = ""
    place: Place | None = None
    to_free: tuple[Place, ...] = ()
    is_fresh: bool = False

    def uses(self, place: Place) -> bool:
        """Say whether the sign-up has decided for this place."""
        return self.state is SignUpState.SIGNED and self.place == place

    def again(self, fresh: "SignUp") -> Decision["SignUp"]:
        """Sign up after a withdrawal, or a lapse; `Conflict` (sign_up.exists) where it stands."""
        if self.state is SignUpState.SIGNED:
            raise Conflict("sign_up.exists", "the household has signed up already")
        return Decision(replace(fresh, to_free=self.to_free))

    def withdraw(self, *, now: datetime) -> Decision["SignUp"]:
        """Give the place up; it is freed by what follows."""
        if self.state is not SignUpState.SIGNED:
            raise Conflict("sign_up.not_possible", "the household has not signed up")
        given_up = self.to_free if self.place is None else (*self.to_free, self.place)
        withdrawn = replace(self, state=SignUpState.WITHDRAWN, at=now, place=None, is_fresh=False)
        return Decision(replace(withdrawn, to_free=given_up))

    def freed(self, place: Place) -> Decision["SignUp"]:
        """Note that a given-up place is free."""
        return Decision(replace(self, to_free=tuple(p for p in self.to_free if p != place)))


def sign_up_id_of(drive_id: str, household_id: str) -> str:
    """Return the id of a household's sign-up: there is one a drive."""
    return derived_id("sign-up", drive_id, household_id)


def lapsed_sign_up(sign_up_id: str, *, now: datetime) -> Decision[SignUp]:
    """Return the decision that a held place was never used."""
    return Decision(SignUp(sign_up_id, "-", "-", SignUpState.LAPSED, now))
