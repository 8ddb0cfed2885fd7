"""A resident's QR card: an opaque token that rotates. Only its hash is kept, with the person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

VALID_FOR = timedelta(hours=24)
# The one before is still taken so long: it may be on a screen, or on paper in a queue.
GRACE = timedelta(minutes=10)
# A drive's phone may have been offline: what it saw then is looked up so long afterwards.
KEPT_FOR = timedelta(days=3)
CARDS_MAX = 16
# So far may a device's clock be behind without a word.
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Card:
    """A card of a person for one of the person's households, valid in [issued_at, expires_at).

    `made_of` is the scope of the request that asked for it: with the service's key it gives the
    token again, so that a repeat gets the same card and the picture can be drawn; without it, it
    gives nothing.
    """

    token_sha256: str
    made_of: str
    household_id: str
    issued_at: datetime
    expires_at: datetime

    def was_valid(self, at: datetime) -> bool:
        """Say whether the card could be shown at an instant."""
        return self.issued_at <= at < self.expires_at

    def shown_at(self, told: datetime, *, now: datetime) -> datetime:
        """Return when a card was shown at the earliest, or the latest, if not when a device says.

        Nobody shows a card before it is made, or later than now: that device's clock is wrong.
        """
        return min(max(told, self.issued_at), now)

    def is_too_early(self, told: datetime) -> bool:
        """Say whether a device's clock was so far behind that it saw the card before its issue."""
        return told < self.issued_at - CLOCK_TOLERANCE


def with_card(cards: Sequence[Card], card: Card) -> tuple[Card, ...]:
    """Return the cards with a new one; the household's earlier ones end after their grace."""
    now = card.issued_at
    ended = tuple(
        replace(each, expires_at=min(each.expires_at, now + GRACE))
        if each.household_id == card.household_id
        else each
        for each in cards
        if now < each.expires_at + KEPT_FOR
    )
    return (*ended[-(CARDS_MAX - 1) :], card)


def newest(cards: Sequence[Card], household_id: str, *, now: datetime) -> Card | None:
    """Return the household's card that was issued last, where it is still valid."""
    ours = [each for each in cards if each.household_id == household_id and each.was_valid(now)]
    return ours[-1] if ours else None
