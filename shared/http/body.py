"""The bases of request and response bodies; times, UUIDs and numbers as callers write them."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from shared.contracts.topic import EARLIEST, LATEST

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?"
    r"([Zz]|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"  # no zone was ever further from Greenwich
)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLAG = re.compile("true|false")
_UUID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)


def _written(
    form: re.Pattern[str], read: Callable[[str], object], *, made: type = date
) -> BeforeValidator:
    """Take what the document's format says, and nothing else.

    Pydantic reads numbers as seconds of an epoch, and no text at all where it is strict.
    """

    def check(given: object) -> object:
        if isinstance(given, made):
            return given
        if isinstance(given, str) and form.fullmatch(given) is not None:
            try:
                return read(given.upper())
            except ValueError:
                pass  # the 30th of February: written well, and no day
        raise PydanticCustomError("format", "not written as the format says")

    return BeforeValidator(check)


Instant = Annotated[
    AwareDatetime, Field(ge=EARLIEST, lt=LATEST), _written(_INSTANT, datetime.fromisoformat)
]
Day = Annotated[
    date, Field(ge=EARLIEST.date(), lt=LATEST.date()), _written(_DAY, date.fromisoformat)
]
Uuid = Annotated[UUID, _written(_UUID, UUID, made=UUID)]
# Of a path or query, where all is text: as JSON writes them, not +1, 1_0, on or yes. `WHOLE`
# comes behind the bounds: before them, the document would not tell them.
WHOLE = _written(_WHOLE, int, made=int)
Flag = Annotated[bool, _written(_FLAG, lambda text: text == "TRUE", made=bool)]


class Body(BaseModel):
    """A request's body: unknown fields are refused, NaN and infinity too.

    Strict: what the document calls a number is no text that looks like one, nor true.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


class Question(BaseModel):
    """A query's parameters as one model: as in a body, but all that a query can hold is text."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class View(BaseModel):
    """A response's body; made of the fields of a domain object of the same names."""

    model_config = ConfigDict(frozen=True, from_attributes=True)
