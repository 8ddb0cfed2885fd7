"""What the handlers of consignments work with, and who may do what to which consignment."""

from collections.abc import Callable
from dataclasses import dataclass

from services.tracking.application.consignment_legs import JudgesLeg, no_verdicts
from services.tracking.application.consignment_ports import (
    CodeCheck,
    Consignments,
    ConsignmentSearch,
    ContainerPool,
    GramsPool,
    NumberPool,
    Parties,
    Pool,
)
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_rules import Rules
from shared.kernel.aggregate import Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Forbidden, NotFound

Reached = Callable[[str], None]


def _unlabelled(_label: str) -> None:
    """Pass a point that no test armed."""


@dataclass(frozen=True, slots=True)
class ConsignmentDesk:
    """`clock` tells the business time of deadlines, `lease_clock` the real time of holds."""

    consignments: Consignments
    search: ConsignmentSearch
    containers: ContainerPool
    numbers: NumberPool
    trips: Pool
    grams: GramsPool
    parties: Parties
    codes: CodeCheck
    rules: Rules
    clock: Clock
    lease_clock: Clock
    reached: Reached = _unlabelled
    judges_leg: JudgesLeg = no_verdicts


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a party by its token's subject, an operator, or a regulator of an area."""

    party_id: str
    is_operator: bool = False
    is_regulator: bool = False
    area_code: str = ""

    def sees(self, held: Consignment) -> bool:
        """Say whether it may see the consignment."""
        if self.is_operator or self.party_id in held.party_ids():
            return True
        return self.is_regulator and any(
            code.startswith(self.area_code) for code in held.division_codes()
        )


def visible(
    consignment_id: str,
    actor: Actor,
    *,
    desk: ConsignmentDesk,
    request: Request[Consignment] | None = None,
) -> Stored[Consignment]:
    """Return the consignment where the actor may see it, else `NotFound`.

    Its `answer` is set where the `request` was done before.
    """
    stored = desk.consignments.get(consignment_id, request=request)
    if not actor.sees(stored.state):
        raise NotFound("consignment.not_found", "there is no such thing")
    return stored


def expect_role(actor: Actor, party_id: str) -> None:
    """Raise `Forbidden` (consignment.other_party) where this is another party's to do."""
    if actor.party_id != party_id:
        raise Forbidden("consignment.other_party", "this is another party's to do")
