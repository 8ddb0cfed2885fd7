"""Domain events become contract models here, and nowhere else."""

from datetime import datetime
from functools import singledispatch

from services.pricing.domain.price_book import PriceList
from services.pricing.domain.settlement import Paid, Reversed, Settled, Settlement
from shared.contracts import price, settlement
from shared.contracts.codec import Envelope, encode
from shared.contracts.topic import Payload
from shared.observability.tracing import current

SOURCE = "greenloop/pricing"


@singledispatch
def announce(event: object) -> Envelope:
    """Return the envelope of a domain event."""
    raise TypeError(f"no contract for {type(event).__name__}")


@announce.register
def _(event: PriceList) -> Envelope:
    payload = price.PriceListPublished(
        price_list_id=event.price_list_id,
        area_code=event.area_code,
        valid_from=event.valid_from,
        valid_to=event.valid_to,
        lines=tuple(
            price.PriceLine(
                material=line.material,
                grade=line.grade,
                price_fen_per_kg=line.price_fen_per_kg,
            )
            for line in event.lines
        ),
    )
    return encode(
        payload,
        key=event.price_list_id,
        subject=event.price_list_id,
        time=event.valid_from,
        source=SOURCE,
        traceparent=current(),
    )


@announce.register
def _(event: Settled) -> Envelope:
    held = event.settlement
    payload = settlement.SettlementSettled(
        **_which(held),
        revision=held.revision,
        price_list_id=held.price_list_id or "",
        amount_fen=held.amount_fen,
        lines=tuple(
            settlement.SettlementLine(
                lot_id=line.lot_id,
                material=line.material,
                grade=line.grade,
                mass_g=line.mass_g,
                price_fen_per_kg=line.price_fen_per_kg,
                amount_fen=line.amount_fen,
            )
            for line in held.lines
        ),
        settled_at=event.at,
    )
    return _of_account(payload, held, at=event.at)


@announce.register
def _(event: Reversed) -> Envelope:
    payload = settlement.SettlementReversed(
        **_which(event.settlement),
        revision=event.revision,
        amount_fen=event.amount_fen,
        reason="corrected",
        reversed_at=event.at,
    )
    return _of_account(payload, event.settlement, at=event.at)


@announce.register
def _(event: Paid) -> Envelope:
    payload = settlement.SettlementPaid(
        **_which(event.settlement), amount_fen=event.amount_fen, paid_at=event.at
    )
    return _of_account(payload, event.settlement, at=event.at)


def _which(held: Settlement) -> dict[str, str]:
    return {
        "settlement_id": held.weigh_in_id,
        "pickup_id": held.weigh_in_id,
        "account_id": held.account_id,
        "community_code": held.community_code,
        "source": held.source,
    }


def _of_account(payload: Payload, held: Settlement, *, at: datetime) -> Envelope:
    return encode(
        payload,
        key=held.account_id,
        subject=held.weigh_in_id,
        time=at,
        source=SOURCE,
        traceparent=current(),
    )
