"""The bases of request and response bodies, and times as callers write them."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from shared.contracts.topic import EARLIEST, LATEST

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _written(form: re.Pattern[str], read: Callable[[str], date]) -> BeforeValidator:
    """Take what RFC 3339 says, and nothing else: Pydantic reads numbers as seconds of an epoch."""

    def check(given: object) -> object:
        if isinstance(given, date):
            return given
        if isinstance(given, str) and form.fullmatch(given) is not None:
            try:
                return read(given.upper())
            except ValueError:
                pass  # the 30th of February: written well, and no day
        raise PydanticCustomError("not_rfc3339", "not an instant or day as RFC 3339 writes it")

    return BeforeValidator(check)


Instant = Annotated[
    AwareDatetime, Field(ge=EARLIEST, lt=LATEST), _written(_INSTANT, datetime.fromisoformat)
]
Day = Annotated[
    date, Field(ge=EARLIEST.date(), lt=LATEST.date()), _written(_DAY, date.fromisoformat)
]


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
