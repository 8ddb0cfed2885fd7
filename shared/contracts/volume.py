"""recycling.volume.hourly.v1: grams by community, material, grade and hour (compacted)."""

from typing import ClassVar

from pydantic import Field

from shared.contracts.lots import Grade
from shared.contracts.topic import CommunityCode, Instant, MaterialCode, Payload, Topic


class VolumeHour(Payload):
    """The whole row as it now stands; of two records with one key the higher revision holds."""

    TYPE: ClassVar[str] = "recycling.volume.hour.v1"
    community_code: CommunityCode
    material: MaterialCode
    grade: Grade
    hour: Instant = Field(description="start of the UTC hour in which the lot was weighed")
    mass_g: int
    lots: int
    revision: int = Field(ge=1)


TOPIC = Topic(
    name="recycling.volume.hourly.v1",
    purpose="Hourly volumes as a changelog: the newest row of each key is the truth.",
    key="community|material|grade|hour; the community alone picks the partition",
    ordering="rows of one community are in order; the highest revision of a key wins",
    producer="volumes",
    consumers=("pricing", "partners", "recycling companies", "the city"),
    partitions=12,
    payloads=(VolumeHour,),
    retention_ms=35 * 24 * 3600 * 1000,
    compacted=True,
)
