"""What a consignment tells its containers: one errand each, numbered, done after its decision."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_claims import Deed, Errand, Kind
from services.tracking.domain.manifest import Carrier


def telling(
    held: Consignment,
    deed: Deed,
    *,
    at: datetime,
    holder: str | None = None,
    received_g: Mapping[str, int] | None = None,
    tags: Collection[str] | None = None,
) -> Consignment:
    """Return the consignment with an errand for each of its containers, or for some of them."""
    step = held.told_steps + 1
    errands = tuple(
        Errand(
            deed,
            claim,
            mass_g=(received_g or {}).get(claim.key, 0),
            step=step,
            holder=holder,
            at=at,
        )
        for claim in held.claims_of(Kind.CONTAINER)
        if tags is None or claim.key in tags
    )
    return replace(held, told_steps=step, errands=(*held.errands, *errands))


def vehicle_of(carrier: Carrier) -> str:
    """Return the ledger's account of who has what a carrier took over."""
    return f"vehicle/{carrier.vehicle_id}"
