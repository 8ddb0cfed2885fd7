"""From the draft to the seal, and the ways out before a carrier has it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_claims import Claim, Deed, Errand, Kind
from services.tracking.domain.consignment_events import Amended, Ended, Sealed
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.consignment_states import Act, State, after
from services.tracking.domain.manifest import Manifest
from services.tracking.domain.numbers import parse_number
from services.tracking.domain.signatures import Stage
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, Invalid


def draft(consignment_id: str, manifest: Manifest, *, now: datetime) -> Decision[Consignment]:
    """Return a draft; nothing is said of it to anybody."""
    return Decision(Consignment(consignment_id, manifest, State.DRAFT, created_at=now))


def amend(
    held: Consignment, manifest: Manifest, *, rules: Rules, now: datetime
) -> Decision[Consignment]:
    """Replace the content, as far as no signature froze it.

    After the sealing a carrier is changed by a replacement only: its trip is claimed
    (`Conflict`, consignment.carrier_planned).
    """
    state = after(held.state, Act.AMEND)
    amended = replace(held, state=state, manifest=manifest)
    if held.state is State.DRAFT:
        return rules.decided(held, amended)
    if manifest.carriers != held.manifest.carriers:
        raise Conflict("consignment.carrier_planned", "replace the carrier instead")
    return rules.decided(held, amended, Amended(amended, now), told=True)


def check_sealable(held: Consignment) -> None:
    """Raise `Conflict` where it cannot be sealed any more, before anything is held for it."""
    after(held.state, Act.SEAL)


def seal(
    held: Consignment, claims: Collection[Claim], *, sealed_at: datetime, rules: Rules
) -> Decision[Consignment]:
    """Freeze the content under the number that is among the claims."""
    state = after(held.state, Act.SEAL)
    numbers = [claim.key for claim in claims if claim.kind is Kind.NUMBER]
    number = numbers[0] if numbers else None
    if number is not None:
        _expect_year(number, held.manifest, sealed_at)
    sealed = replace(
        held,
        state=state,
        number=number,
        sealed_at=sealed_at,
        waits_since=sealed_at,
        claims=tuple(claims),
    )
    rules.require(sealed, Stage.SEAL)
    return rules.decided(held, sealed, Sealed(sealed, sealed_at), told=True)


def cancel(held: Consignment, reason: str, *, rules: Rules, now: datetime) -> Decision[Consignment]:
    """Give it up, before the first carrier signs. A child is of a load at a gate: `Conflict`."""
    if held.parent is not None:
        raise Conflict("consignment.is_child", "the refused containers must go somewhere")
    return _end(held, after(held.state, Act.CANCEL), reason, rules=rules, now=now)


def lapse(held: Consignment, *, rules: Rules, now: datetime) -> Decision[Consignment]:
    """Void a number that was not signed in time, and release the containers."""
    return _end(held, after(held.state, Act.LAPSE), "unsigned", rules=rules, now=now)


def giving_up(held: Consignment, claims: Collection[Claim], reason: str) -> Consignment:
    """Return the consignment without some claims, with the errands that free them."""
    kept = tuple(claim for claim in held.claims if claim not in claims)
    freed = tuple(Errand(Deed.FREE, claim, reason) for claim in claims)
    return replace(held, claims=kept, errands=(*held.errands, *freed))


def check_fact_time(at: datetime, *, now: datetime, skew: timedelta) -> None:
    """Raise `Invalid` (consignment.future) for a fact from the future: a wrong clock."""
    if at > now + skew:
        raise Invalid("consignment.future", "the time of this fact is still to come")


def _end(
    held: Consignment, state: State, reason: str, *, rules: Rules, now: datetime
) -> Decision[Consignment]:
    ended = replace(giving_up(held, held.claims, reason), state=state, ended_because=reason)
    if held.number is None:
        return rules.decided(held, ended)
    return rules.decided(held, ended, Ended(ended, reason, now), told=True)


def _expect_year(number: str, manifest: Manifest, sealed_at: datetime) -> None:
    series, _ = parse_number(number)
    wanted = (legal_day(sealed_at).year, manifest.consignor.city_code)
    if (series.year, series.city_code) != wanted:
        raise Invalid("numbers.other_series", "the number is of another city or year")
