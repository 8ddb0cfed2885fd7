"""recycling.price.events.v1: the price book, as it is published."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.pickup import Grade
from shared.contracts.topic import Fen, Instant, MaterialCode, OpaqueId, Payload, Topic


class PriceLine(Payload):
    """What a household is paid for one kilogram; negative: it pays a fee."""

    material: MaterialCode
    grade: Grade
    price_fen_per_kg: Fen


class PriceListPublished(Payload):
    """A whole list, valid in [valid_from, valid_to). Lists of one area never overlap."""

    TYPE: ClassVar[str] = "recycling.price.list-published.v1"
    price_list_id: OpaqueId
    area_code: str = Field(pattern=r"^\d{2,12}$", description="prefix of the division code")
    valid_from: Instant
    valid_to: datetime | None = None
    lines: Annotated[tuple[PriceLine, ...], Field(min_length=1, max_length=500)]


TOPIC = Topic(
    name="recycling.price.events.v1",
    purpose="Published price lists by area, material and grade.",
    key="price list id",
    ordering="all events of one price list are in order",
    producer="pricing",
    consumers=("collection", "recycling companies", "partners"),
    partitions=3,
    payloads=(PriceListPublished,),
)
