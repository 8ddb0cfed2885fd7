"""What collection does about published price lists: it keeps a copy for its estimates."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.collection.application.estimating import on_list_published
from services.collection.domain.estimate import PriceLine, PriceList
from shared.contracts.price import PriceListPublished
from shared.contracts.topic import Payload
from shared.kernel.aggregate import Decision
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import Effect


def price_effects(lists: Reacting[PriceList]) -> Mapping[type[Payload], Sequence[Effect[Any]]]:
    """Return the effects of price events."""

    def keep(
        _id: str, held: PriceList | None, event: Event[PriceListPublished]
    ) -> Decision[PriceList]:
        return on_list_published(held, price_list_of(event.data))

    return {PriceListPublished: [Effect(lists, _list, keep)]}


def price_list_of(data: PriceListPublished) -> PriceList:
    """Return the list that an event publishes."""
    return PriceList(
        price_list_id=data.price_list_id,
        area_code=data.area_code,
        valid_from=data.valid_from,
        valid_to=data.valid_to,
        lines=tuple(
            PriceLine(line.material, line.grade, line.price_fen_per_kg) for line in data.lines
        ),
    )


def _list(event: Event[PriceListPublished]) -> list[str]:
    return [event.data.price_list_id]
