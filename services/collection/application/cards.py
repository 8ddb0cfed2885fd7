"""Residents' QR cards: made for a member, recognised at a drive."""

from dataclasses import dataclass
from datetime import datetime

from services.collection.application.desk import Desk, membership
from services.collection.application.people_ports import Households, People
from services.collection.application.ports import Recognised
from services.collection.domain.cards import KEPT_FOR, VALID_FOR, Card, newest
from services.collection.domain.codes import hashed
from services.collection.domain.people import Person
from shared.kernel.aggregate import Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound

CARD = "card"


def issue_card(
    household_id: str, caller: str, *, desk: Desk, request: Request[Person]
) -> tuple[Stored[Person], str]:
    """Make the caller a new card for a household and return its token; a repeat gets the same.

    The card before it is valid for 10 more minutes. `NotFound` (household.not_found) for others.
    """
    _, member = membership(household_id, caller, desk=desk)
    token = desk.codes.code(CARD, request.scope)
    now = desk.clock.now()
    card = Card(hashed(token), request.scope, household_id, now, now + VALID_FOR)
    stored = desk.people.change(member.person_id, lambda p: p.carrying(card), request=request)
    return stored, token


def present_card(household_id: str, caller: str, *, desk: Desk) -> str:
    """Return the token of the caller's valid card, or raise `NotFound` (card.not_found)."""
    _, member = membership(household_id, caller, desk=desk)
    person = desk.people.get(member.person_id).state
    card = newest(person.cards, household_id, now=desk.clock.now())
    if card is None:
        raise _nobody()
    return desk.codes.code(CARD, card.made_of)


@dataclass(frozen=True, slots=True)
class KeptCards:
    """`Cards` by what is kept with persons and households."""

    people: People
    households: Households
    clock: Clock

    def recognise(self, token: str, *, at: datetime) -> Recognised:
        """Return whose card it is."""
        now = self.clock.now()
        token_sha256 = hashed(token)
        person = self.people.by_card(token_sha256)
        if person is None:
            raise _nobody()
        for card in person.state.cards:
            shown_at = card.shown_at(at, now=now)
            is_known = card.was_valid(shown_at) and now - KEPT_FOR <= shown_at
            if card.token_sha256 == token_sha256 and is_known:
                household = self.households.get(card.household_id).state
                if household.member(person.id) is not None:
                    return Recognised(
                        household.household_id, household.community_code, card.is_too_early(at)
                    )
        raise _nobody()


def _nobody() -> NotFound:
    return NotFound("card.not_found", "this card is nobody's, or not valid")
