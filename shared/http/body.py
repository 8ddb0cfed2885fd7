"""The base of request and response bodies."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

# Beyond these, arithmetic with zones and deadlines leaves what a calendar can say.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

Instant = Annotated[AwareDatetime, Field(ge=EARLIEST, lt=LATEST)]
Day = Annotated[date, Field(ge=EARLIEST.date(), lt=LATEST.date())]


class Body(BaseModel):
    """A request's body: unknown fields are refused, NaN and infinity too."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class View(BaseModel):
    """A response's body; made of the fields of a domain object of the same names."""

    model_config = ConfigDict(frozen=True, from_attributes=True)
