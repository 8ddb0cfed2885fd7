"""A consignment as data: its manifest, and what happened to it. The acts are in modules beside."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.tracking.domain.consignment_claims import Claim, Errand, Kind
from services.tracking.domain.consignment_legs import LegVerdict
from services.tracking.domain.consignment_reception import Reception
from services.tracking.domain.consignment_states import State
from services.tracking.domain.exemptions import worst_condition
from services.tracking.domain.manifest import Carrier, ContainerItem, Manifest, Party, Purpose
from services.tracking.domain.signatures import Signature, Stage

CARRIER_STAGES = frozenset({Stage.CARRIER, Stage.HANDOVER, Stage.REDIRECT})
RECEIVER_STAGES = frozenset({Stage.RECEIVER, Stage.RECEIPT})


class Heading(StrEnum):
    """To whom the load is on its way."""

    RECEIVER = "receiver"
    ALTERNATE = "alternate"
    CONSIGNOR = "consignor"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A load stood at a gate. `at` is the fact's time, `recorded_at` when it came here."""

    carrier_id: str
    place_id: str
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A vehicle broke down: another carrier is proposed, and the consignor is to approve it."""

    reported_by: str
    reason: str
    at: datetime
    carrier: Carrier
    expected_at: datetime


@dataclass(frozen=True, slots=True)
class Paper:
    """The registry was away: the manifest runs on paper and is back-filled by `due_at`."""

    reason: str
    since: datetime
    due_at: datetime
    backfilled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """What the national registry knows. `wanted` counts what it is to be told, `told` what it was.

    `pending` is True while something is to be told. `refused` is the registry's own code.
    """

    wanted: int = 0
    told: int = 0
    pending: bool = False
    receipt_id: str | None = None
    registered_at: datetime | None = None
    refused: str | None = None
    paper: Paper | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person must look at, raised once for each thing that it is `about`."""

    code: str
    about: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Learnt:
    """In which condition (broken, unknown) the content of a container is, by what came later."""

    tag: str
    condition: str


@dataclass(frozen=True, slots=True)
class Diversion:
    """A refused load goes to another receiver, across provinces under another approval."""

    party: Party
    approval_id: str | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """The consignment whose partial refusal this one is for."""

    consignment_id: str
    number: str


@dataclass(frozen=True, slots=True)
class Consignment:
    """The whole consignment.

    `told_steps` counts what its containers were told, `taken` the carriers that signed for the
    load; `heading` says where it goes now, among `diversions` to the last one, `expected_at` when
    it is to be there. `waits_since` is when it began to wait for its next signature. `flags` note
    what a person may want to know, `errands` what is still to follow from decisions, `due_at` when
    time itself has something to say next. `legs` are the verdicts of the law on each leg,
    `from_central_store` whether it began, when it was sealed, at a designated central store, and
    `learnt` what came out of its containers' content since.
    """

    consignment_id: str
    manifest: Manifest
    state: State
    created_at: datetime
    purpose: Purpose = Purpose.SHIPMENT
    number: str | None = None
    parent: Parent | None = None
    sealed_at: datetime | None = None
    waits_since: datetime | None = None
    heading: Heading = Heading.RECEIVER
    diversions: tuple[Diversion, ...] = ()
    expected_at: datetime | None = None
    signatures: tuple[Signature, ...] = ()
    taken: int = 0
    breakdown: Breakdown | None = None
    arrivals: tuple[Arrival, ...] = ()
    receptions: tuple[Reception, ...] = ()
    registration: Registration = Registration()
    ended_because: str | None = None
    alarms: tuple[Alarm, ...] = ()
    flags: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    errands: tuple[Errand, ...] = ()
    due_at: datetime | None = None
    told_steps: int = 0
    legs: tuple[LegVerdict, ...] = ()
    from_central_store: bool = False
    learnt: tuple[Learnt, ...] = ()

    @property
    def is_return(self) -> bool:
        """Say whether the load goes back to whom it came from; such a one cannot be refused."""
        return self.purpose is Purpose.RETURN or self.heading is Heading.CONSIGNOR

    @property
    def destination(self) -> Party:
        """The party that the load is on its way to."""
        if self.heading is Heading.CONSIGNOR:
            return self.manifest.consignor
        if self.heading is Heading.ALTERNATE and self.diversions:
            return self.diversions[-1].party
        return self.manifest.receiver

    @property
    def approval_id(self) -> str | None:
        """The approval that the way to the destination needs, where it crosses provinces."""
        if self.heading is Heading.ALTERNATE and self.diversions:
            return self.diversions[-1].approval_id
        return self.manifest.approval_id

    @property
    def current_carrier(self) -> Carrier | None:
        """The carrier that signed for the load last."""
        return self.manifest.carriers[self.taken - 1] if self.taken else None

    @property
    def next_carrier(self) -> Carrier | None:
        """The carrier whose signature is next, if the manifest names one."""
        carriers = self.manifest.carriers
        return carriers[self.taken] if self.taken < len(carriers) else None

    @property
    def passed(self) -> frozenset[Stage]:
        """The stages whose freezing holds now."""
        return self.passed_at(len(self.signatures))

    def passed_at(self, ordinal: int) -> frozenset[Stage]:
        """The stages that had been passed when the signature of this number was given."""
        sealed = {Stage.SEAL} if self.number is not None else set()
        standing = self.standing_at(ordinal)
        return frozenset(sealed | {signature.stage for signature in standing})

    def standing_at(self, ordinal: int) -> tuple[Signature, ...]:
        """The signatures up to a number that still bind."""
        return tuple(held for held in self.signatures[:ordinal] if held.stands)

    def party_ids(self) -> frozenset[str]:
        """Everybody who may see it."""
        manifest = self.manifest
        parties = (manifest.consignor, manifest.receiver, manifest.broker, manifest.alternate)
        named = {party.party_id for party in (*parties, *self._diverted_to()) if party is not None}
        carriers = {carrier.carrier_id for carrier in manifest.carriers}
        proposed = {self.breakdown.carrier.carrier_id} if self.breakdown else set()
        return frozenset(named | carriers | proposed)

    def division_codes(self) -> frozenset[str]:
        """Where it matters: the divisions of consignor, receiver and who it was diverted to."""
        parties = (self.manifest.consignor, self.manifest.receiver, *self._diverted_to())
        return frozenset(party.division_code for party in parties)

    def known(self, item: ContainerItem) -> ContainerItem:
        """Return a container in the worst condition that is known of its content by now."""
        later = [each.condition for each in self.learnt if each.tag == item.tag]
        condition = worst_condition([item.condition, *later])
        return replace(item, condition=condition) if later else item

    def uses(self, claim: Claim) -> bool:
        """Say whether the consignment has decided for a claim."""
        return any(_same(held, claim) for held in self.claims)

    def claims_of(self, kind: Kind) -> tuple[Claim, ...]:
        """Return the claims of a kind."""
        return tuple(claim for claim in self.claims if claim.kind is kind)

    def _diverted_to(self) -> tuple[Party, ...]:
        return tuple(diversion.party for diversion in self.diversions)


def _same(held: Claim, claim: Claim) -> bool:
    return (held.kind, held.key, held.hold_id) == (claim.kind, claim.key, claim.hold_id)
