"""`ContainerPool` over the containers' own documents: a hold is a compare-and-set on one of them.

Of two consignments for one container exactly one wins. What a consignment tells its containers is
never refused: an oddity comes back as a code, for a person.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Protocol

from services.tracking.application.container_desk import registered
from services.tracking.application.ports import Containers
from services.tracking.domain import container_carriage as carriage
from services.tracking.domain import container_custody as custody
from services.tracking.domain.amounts import Amount
from services.tracking.domain.consignment_claims import Claim, Deed, Errand, Kind
from services.tracking.domain.container import SYSTEM, Container, Reservation
from services.tracking.domain.container_states import State
from services.tracking.domain.manifest import ContainerItem, Content
from services.tracking.domain.place import owner_of, place_id_of
from shared.kernel.aggregate import Decision, Stored
from shared.kernel.clock import Clock, legal_day
from shared.kernel.errors import Conflict, NotFound

FORM = "solid"
TOLD: dict[Deed, carriage.Carriage] = {
    Deed.DEPART: carriage.departs,
    Deed.RECEIVE: carriage.arrives,
    Deed.GIVE_UP: carriage.is_given_up,
    Deed.FIND: carriage.is_found,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a fact makes of a container; `decide` gets None where it is not known."""

    tag: str
    fact: carriage.Fact
    decide: Callable[[Container | None], Decision[Container] | None]


class ContainerDocuments(Protocol):
    """Reads and writes over many containers at once."""

    def expired(self, now: datetime, *, limit: int) -> Sequence[Claim]:
        """Return the claims that are past their time and neither kept nor freed."""

    def many(self, tags: Collection[str]) -> Mapping[str, Stored[Container]]:
        """Return those that exist, by tag."""

    def change_all(self, changes: Sequence[Change]) -> None:
        """Make all changes, each once by its fact, in one read and one write. May be repeated."""


Codes = tuple[str | None, str | None, tuple[str, ...]]
NO_CODES: Codes = (None, None, ())


class Operators(Protocol):
    """Who operates places. Blocks and raises `Unavailable`."""

    def operators(self, place_ids: Collection[str]) -> Mapping[str, str]:
        """Return the operating parties of those places of which somebody said it."""

    def central_stores(self, place_ids: Collection[str]) -> frozenset[str]:
        """Return those of the places that are designated central stores."""


def no_codes(_material: str, _on: date) -> Codes:
    """Know nothing of codes."""
    return NO_CODES


class _NothingNewError(Exception):
    """The container needs no change."""


@dataclass(frozen=True, slots=True)
class ReservedContainers:
    """`containers` refuses while too much waits for Kafka; `facts` are the same, and never do.

    `codes_of` says of a material on a day its waste code, UN number and traits.
    """

    containers: Containers
    facts: Containers
    documents: ContainerDocuments
    clock: Clock
    places: Operators
    codes_of: Callable[[str, date], Codes] = no_codes

    def items(self, tags: Collection[str], *, consignor_id: str) -> Sequence[ContainerItem]:
        """Return the containers as they are now, with what lies in them.

        What was handed over to a party, or lies at a place that it operates, is that party's alone
        (`Conflict`, container.other_party). What is nobody's is consigned by nobody:
        place.no_operating_party (`place_id`) until an operator says who operates the place,
        container.not_at_place for what is neither at a place nor with a party.
        """
        found = self.documents.many(tags)
        if len(found) < len(set(tags)):
            raise NotFound("container.not_found", "a tag is not registered")
        holders = {found[tag].state.holder for tag in tags}
        operators = self.places.operators({p for each in holders if (p := place_id_of(each))})
        owners = {each: owner_of(each, operators) for each in holders}
        if not set(owners.values()) <= {consignor_id, None}:
            raise Conflict("container.other_party", "another party has this container")
        today = legal_day(self.clock.now())

        def codes_of(material: str) -> Codes:
            return self.codes_of(material, today)

        items = [item_of(registered(found[tag].state), codes_of) for tag in tags]
        _expect_somebodys(owners)
        return items

    def central_stores(self, place_ids: Collection[str]) -> frozenset[str]:
        """Return those of the places that are designated central stores."""
        return self.places.central_stores(place_ids)

    def hold(self, claim: Claim, *, until: datetime) -> None:
        """Reserve. `Conflict`: tracking.container_reserved, container.changed, …"""
        reservation = Reservation(claim.consignment_id, claim.hold_id, until)

        def reserve(held: Container) -> Decision[Container]:
            decision = custody.reserve(
                registered(held), reservation, at=self.clock.now(), by=SYSTEM
            )
            if claim.mass_g not in (0, held.content_g) or claim.content not in ((), held.content):
                raise Conflict("container.changed", "another content than the manifest declares")
            if claim.content and claim.condition != held.condition:
                raise Conflict("container.changed", "another condition than the manifest declares")
            return decision

        self.containers.change(claim.key, reserve)

    def keep(self, claims: Collection[Claim]) -> None:
        """Take the expiry away."""
        for claim in claims:
            self._change(claim.key, partial(carriage.kept, hold_id=claim.hold_id))

    def free(self, claim: Claim, *, reason: str) -> None:  # noqa: ARG002 - the event says why
        """Give up, in whatever state it is."""
        now = self.clock.now()
        self._change(claim.key, lambda held: carriage.let_go(claim.hold_id, held, at=now))

    def tell_all(self, errands: Sequence[Errand]) -> dict[str, str]:
        """Tell containers what they went through, in order; return what is odd, by tag."""
        oddities: dict[str, str] = {}
        self.documents.change_all([self._change_of(errand, oddities) for errand in errands])
        return oddities

    def _change_of(self, errand: Errand, oddities: dict[str, str]) -> Change:
        claim = errand.claim
        fact = carriage.Fact(
            Reservation(claim.consignment_id, claim.hold_id),
            errand.step,
            errand.at or self.clock.now(),
            holder=errand.holder,
            received_g=errand.mass_g,
        )
        act = TOLD.get(errand.deed) or partial(carriage.is_taken_over, errand.from_id or "")

        def told(held: Container | None) -> Decision[Container] | None:
            if held is None:
                oddities[claim.key] = "container.not_found"
                return None
            outcome = carriage.carry(held, fact, act)
            if outcome is None:
                return None
            if outcome.oddity is not None:
                oddities[claim.key] = outcome.oddity
            return outcome.decision

        return Change(claim.key, fact, told)

    def holder(self, claim: Claim) -> Claim | None:
        """Return the claim that has the container."""
        reservation = self.containers.get(claim.key).state.reservation
        return Claim(Kind.CONTAINER, claim.key, reservation.hold_id) if reservation else None

    def expired(self, now: datetime, *, limit: int) -> Sequence[Claim]:
        """Return claims past their time."""
        return self.documents.expired(now, limit=limit)

    def _change(self, tag: str, decide: Callable[[Container], Decision[Container]]) -> None:
        """Change where there is something to change."""

        def needed(held: Container) -> Decision[Container]:
            decision = decide(held)
            if decision.state == held:
                raise _NothingNewError
            return decision

        with suppress(_NothingNewError, NotFound):
            self.facts.change(tag, needed)


def _expect_somebodys(owners: Mapping[str | None, str | None]) -> None:
    """Raise `Conflict` where nobody has said whose waste a holder's is."""
    for holder in (each for each, owner in owners.items() if owner is None):
        place_id = place_id_of(holder)
        if place_id is None:
            raise Conflict("container.not_at_place", "put it down at a place, or seal it at one")
        raise Conflict(
            "place.no_operating_party",
            "nobody has said who operates this place: an operator names its operating party",
            place_id=place_id,
        )


def item_of(container: Container, codes_of: Callable[[str], Codes]) -> ContainerItem:
    """Return a sealed container as a line of a manifest, with each material that lies in it.

    Raises `Conflict`: container.not_sealed, tracking.container_reserved, tracking.no_overpack.
    """
    if container.content_g <= 0 or container.state not in {
        State.SEALED,
        State.RESERVED,
        State.RECEIVED,
        State.DAMAGED,
    }:
        raise Conflict("container.not_sealed", "it is not sealed, or nothing lies in it")
    inside = sorted(container.content, key=lambda each: (-each.mass_g, each.material))
    parts = tuple(_part(container, each, codes_of(each.material)) for each in inside)
    main = parts[0]
    return ContainerItem(
        tag=container.tag,
        material=main.material,
        waste_code=main.waste_code,
        un_number=main.un_number,
        net_g=container.content_g,
        packaging=container.container_type,
        form=FORM,
        traits=main.traits,
        contents=parts if len(parts) > 1 else (),
        condition=container.condition,
    )


def _part(container: Container, amount: Amount, codes: Codes) -> Content:
    """Return what lies in it of a material; what no table has today keeps its container's codes."""
    waste_code, un_number, traits = codes
    if (waste_code, un_number) == (None, None) and amount.material == container.material:
        waste_code, un_number = container.waste_code, container.un_number
    return Content(amount.material, waste_code, un_number, amount.mass_g, traits)
