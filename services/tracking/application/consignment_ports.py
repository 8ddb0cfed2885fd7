"""What the handlers of consignments need from the outside."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_claims import Claim, Errand
from services.tracking.domain.consignment_permits import Permits
from services.tracking.domain.manifest import ContainerItem, Party
from services.tracking.domain.numbers import Block, Lease, Owner
from shared.kernel.aggregate import Aggregates, Request, Stored

Consignments = Aggregates[Consignment]


class Pool(Protocol):
    """Things that consignments claim. Each call is one atomic write; all may be repeated."""

    def hold(self, claim: Claim, *, until: datetime) -> None:
        """Hold for a while (real time); `Conflict` where it is another's or not enough is left."""

    def keep(self, claims: Collection[Claim]) -> None:
        """Take the expiry away: the consignment uses them."""

    def free(self, claim: Claim, *, reason: str) -> None:
        """Give up; nothing happens where it is not held for this."""

    def holder(self, claim: Claim) -> Claim | None:
        """Return the claim of somebody else that is in the way, None where there is none."""

    def expired(self, now: datetime, *, limit: int) -> Sequence[Claim]:
        """Return claims that are past their time and neither kept nor freed."""


class ContainerPool(Pool, Protocol):
    """Sealed containers."""

    def items(self, tags: Collection[str], *, consignor_id: str) -> Sequence[ContainerItem]:
        """Return the containers as they are now, in the order asked for.

        Raises `NotFound` (container.not_found) or `Conflict`
        (container.not_sealed, container.other_party).
        """

    def central_stores(self, place_ids: Collection[str]) -> frozenset[str]:
        """Return those of the places that are designated central stores."""

    def tell_all(self, errands: Sequence[Errand]) -> Mapping[str, str]:
        """Tell containers what they went through, in order; a repeat changes nothing.

        Never refuses: returns the codes of what a person must look at, by container.
        """


class GramsPool(Pool, Protocol):
    """What licences, plan lines and approvals still allow."""

    def hold_all(self, claims: Sequence[Claim], *, until: datetime) -> bool:
        """Hold several at once; False where some may not be held: `hold` each tells why."""

    def settle(self, claim: Claim, mass_g: int) -> None:
        """Turn reserved grams into `mass_g` used ones; a repeat changes nothing."""


class NumberPool(Protocol):
    """Manifest numbers, leased in blocks."""

    def lease(self, lease: Lease, *, at: datetime) -> Block:
        """Lease a block; a repeat returns the first. `Conflict` (numbers.exhausted)."""

    def get(self, block_id: str) -> Block:
        """Return a block, or raise `NotFound` (number_block.not_found)."""

    def hold_next(self, owner: Owner, hold_id: str, *, until: datetime, at: datetime) -> str:
        """Hold the owner's next number; the same hold gets the same one."""

    def hold_number(self, owner: Owner, number: str, hold_id: str, *, until: datetime) -> None:
        """Hold a number of an offline block.

        Raises `Invalid` (numbers.not_leased) or `Conflict` (numbers.taken, numbers.returned).
        """

    def keep(self, claims: Collection[Claim]) -> None:
        """Note them as used."""

    def free(self, claim: Claim, *, reason: str) -> None:
        """Note it as void, or free again where an offline one was never used."""

    def change(
        self,
        block_id: str,
        decide: Callable[[Block], Block],
        *,
        request: Request[Block] | None = None,
    ) -> Stored[Block]:
        """Change a block once for a request; a repeat gets the stored answer."""

    def expired(self, now: datetime, *, limit: int) -> Sequence[Claim]:
        """Return numbers that are held past their time."""


class Parties(Protocol):
    """The registry of parties and their permits."""

    def party(self, party_id: str) -> Party:
        """Return a party with its division, or raise `NotFound` (party.not_found)."""

    def permits(self, held: Consignment, *, year: int) -> Permits:
        """Return the permits of a consignment's parties, in any state; plan lines of a year."""


class CodeCheck(Protocol):
    """Security codes."""

    def check(self, party_id: str, code: str) -> None:
        """Return where the code is the party's.

        Raises `Forbidden` (signature.code_wrong, signature.code_locked) or `Unavailable`
        (signature.code_busy).
        """


class ConsignmentSearch(Protocol):
    """Reads over all consignments."""

    def many(self, consignment_ids: Collection[str]) -> Mapping[str, Stored[Consignment]]:
        """Return those that exist, by id."""

    def with_errands(self, *, limit: int) -> Sequence[Stored[Consignment]]:
        """Return those with something still to follow from a decision."""

    def due(self, now: datetime, *, limit: int) -> Sequence[Stored[Consignment]]:
        """Return those about which time has something to say, the longest due first."""

    def untold(self, *, limit: int) -> Sequence[Stored[Consignment]]:
        """Return those of which the national registry is to be told."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The national registry's answer."""

    receipt_id: str


class NationalRegistry(Protocol):
    """The state's system, in which manifests run (Art. 7). Idempotent by number and revision."""

    def declare(self, number: str, revision: int, document: str) -> Receipt:
        """Tell it a manifest's document as canonical JSON; blocks for a few seconds at most.

        Raises `Unavailable` (registry.away, registry.no_answer: the outcome is unknown) or
        `Rejected` where it does not take the document.
        """
