"""recycling.settlement.events.v1: what a weigh-in is worth, its corrections and its payout."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.lots import Grade, WeighInSource
from shared.contracts.topic import (
    Code,
    CommunityCode,
    Fen,
    Grams,
    Instant,
    MaterialCode,
    OpaqueId,
    Payload,
    Topic,
)


class SettlementLine(Payload):
    """One lot, priced: amount = mass × price, rounded half to even, less contamination."""

    lot_id: OpaqueId
    material: MaterialCode
    grade: Grade
    mass_g: Grams
    price_fen_per_kg: Fen
    amount_fen: Fen


Lines = Annotated[tuple[SettlementLine, ...], Field(max_length=40)]


class _Settlement(Payload):
    settlement_id: OpaqueId
    pickup_id: OpaqueId = Field(description="what was weighed: a pickup's id, or a drive visit's")
    account_id: OpaqueId = Field(
        description="the household's; of a drive also an organisation's or a community's"
    )
    community_code: CommunityCode
    source: WeighInSource = "door"


class SettlementSettled(_Settlement):
    """A weigh-in was priced and booked. `revision` is that of the weigh-in."""

    TYPE: ClassVar[str] = "recycling.settlement.settled.v1"
    revision: int = Field(ge=1)
    price_list_id: OpaqueId
    amount_fen: Fen
    lines: Lines
    settled_at: Instant


class SettlementReversed(_Settlement):
    """A revision below the present one was undone to the fen.

    Where a revision comes late, its `settled` and `reversed` follow those of a higher one: the
    highest revision is what holds, and settled less reversed is its amount in any order.
    """

    TYPE: ClassVar[str] = "recycling.settlement.reversed.v1"
    revision: int = Field(ge=1, description="the revision that is undone")
    amount_fen: Fen = Field(description="the amount that is taken back")
    reason: Code
    reversed_at: Instant


class SettlementPaid(_Settlement):
    """The payout of what was open of one settlement."""

    TYPE: ClassVar[str] = "recycling.settlement.paid.v1"
    amount_fen: Fen
    paid_at: Instant


TOPIC = Topic(
    name="recycling.settlement.events.v1",
    purpose="Settled, reversed and paid amounts, per account.",
    key="account id",
    ordering="all events of one account are in order",
    producer="pricing",
    consumers=("collection", "recycling companies", "partners"),
    partitions=6,
    payloads=(SettlementSettled, SettlementReversed, SettlementPaid),
)
