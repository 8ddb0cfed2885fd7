"""Weigh-ins of three lots in 500 communities, as the benchmark of the design used them."""

from datetime import UTC, datetime

from shared.contracts.codec import Envelope, encode
from shared.contracts.lots import Lot
from shared.contracts.pickup import PickupWeighed

LOTS = 3
LOT_G = 1_000
COMMUNITIES = 500
AT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)


def weighing(number: int) -> Envelope:
    """Return one weigh-in's envelope."""
    community = f"350102{number % COMMUNITIES:06d}"
    names = ("cardboard", "textiles", "pet-bottles")
    payload = PickupWeighed(
        pickup_id=f"p-{number}",
        household_id=f"h-{number}",
        community_code=community,
        revision=1,
        vehicle_id="v",
        collector_id="c",
        scale_id="s",
        gross_g=LOTS * LOT_G,
        tare_g=0,
        net_g=LOTS * LOT_G,
        lots=tuple(Lot(lot_id=f"{number}:{n}", material=n, grade="A", mass_g=LOT_G) for n in names),
        weighed_at=AT,
    )
    return encode(payload, key=community, subject="p", time=AT, source="greenloop/bench")
