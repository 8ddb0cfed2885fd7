"""The routes of working days, the same in each service that counts them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field, StringConstraints

from shared.calendar.stored import MongoWorkingYears
from shared.http.auth import Anybody
from shared.http.body import Body, Day, View
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Stored
from shared.reference.working_days import SpecialDay, WorkingYear

OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]
YearPath = Annotated[int, Path(ge=2000, le=2199)]
YearQuery = Annotated[int, Query(ge=2000, le=2199)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class SpecialDayBody(Body):
    """A day on which people do not work, or a make-up workday."""

    day: Day
    works: bool = Field(strict=True)
    name: Text


class WorkingYearBody(Body):
    """A year's notice, whole: it replaces what was known of the year.

    `source` says which notice. Saturdays and Sundays are free unless they are named here.
    """

    source: Text
    provisional: bool = Field(default=False, strict=True)
    days: list[SpecialDayBody] = Field(max_length=120)

    def to_year(self, year: int) -> WorkingYear:
        """Return the year."""
        days = sorted(self.days, key=lambda each: each.day)
        special = tuple(SpecialDay(each.day, each.works, each.name) for each in days)
        return WorkingYear(year, self.source, self.provisional, special)


class SpecialDayView(View):
    """A day on which people do not work, or a make-up workday."""

    day: date
    works: bool
    name: str


class WorkingYearView(View):
    """What is known of a year: Monday to Friday, but for these days. Provisional: no notice yet."""

    year: int
    source: str
    provisional: bool
    days: tuple[SpecialDayView, ...]


def working_days_router(years: MongoWorkingYears) -> APIRouter:
    """Return the routes that tell and ask a year's working days."""
    router = APIRouter(prefix="/v1/working-days", tags=["working days"])

    @router.get("")
    def get_year(year: YearQuery, _caller: Anybody) -> WorkingYearView:
        return WorkingYearView.model_validate(years.of(year))

    @router.post("/{year}", response_model=WorkingYearView)
    def tell_year(year: YearPath, body: WorkingYearBody, call: OperatorCall) -> Response:
        return call.respond(years.tell(body.to_year(year), request=call.request(200, _view)))

    return router


def _view(stored: Stored[WorkingYear]) -> WorkingYearView:
    return WorkingYearView.model_validate(stored.state)
