"""What a topic promises: declared here once, and generated into every document from here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

# Beyond these, arithmetic with zones and deadlines leaves what a calendar can say.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _in_milliseconds(instant: datetime) -> datetime:
    if not EARLIEST <= instant < LATEST:
        raise ValueError("an instant is between the years 2000 and 2200")
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _ascii(text: str) -> str:
    r"""Hold to what \w and \d mean in JSON Schema; Pydantic takes any script's, and so names."""
    if not text.isascii():
        raise ValueError("letters, digits and signs of ASCII only")
    return text


OpaqueId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.:-]+$"),
    AfterValidator(_ascii),
]
CommunityCode = Annotated[str, StringConstraints(pattern=r"^\d{12}$"), AfterValidator(_ascii)]
Cell = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{15}$")]
MaterialCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,31}$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9._-]+$")]
Grams = Annotated[int, Field(ge=0, le=49_000_000, strict=True)]
Fen = Annotated[int, Field(ge=-(10**12), le=10**12, strict=True)]
Instant = Annotated[AwareDatetime, AfterValidator(_in_milliseconds)]


class Payload(BaseModel):
    """Base of every event's data. Readers ignore unknown fields; writers name their type."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic. Partition counts are frozen within v1: the key decides the order.

    `retention_ms` -1 keeps for ever (a rebuild reads from the start). `producer` is the only
    service that writes here. `payloads` are the types that may appear, each once.
    """

    name: str
    purpose: str
    key: str
    ordering: str
    producer: str
    consumers: tuple[str, ...]
    partitions: int
    payloads: tuple[type[Payload], ...]
    retention_ms: int = -1
    compacted: bool = False
