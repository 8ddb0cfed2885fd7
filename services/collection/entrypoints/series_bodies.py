"""What the API takes about series."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.collection.domain.booking import Item
from services.collection.domain.recurrence import TEXT_MAX, rule_of
from services.collection.domain.series import Pattern, Pause
from services.collection.entrypoints.bodies import Items, Text
from shared.contracts.topic import OpaqueId
from shared.http.body import Body, Day

RuleText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=TEXT_MAX),
    Field(
        description="RFC 5545 RRULE, weekly or monthly, with INTERVAL, BYDAY, BYMONTHDAY, COUNT or"
        " UNTIL",
        examples=["FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "FREQ=MONTHLY;BYDAY=-1SA"],
    ),
]
Band = Literal["morning", "afternoon", "evening"]


class SeriesBody(Body):
    """Pickups that recur by a rule from a first day on. The note is as that of a pickup."""

    household_id: OpaqueId
    rule: RuleText
    first: Day
    band: Band
    items: Items
    note: Text | None = None

    def to_pattern(self, items: tuple[Item, ...]) -> Pattern:
        """Return the pattern, or raise `Invalid` (series.rule)."""
        return Pattern(rule_of(self.rule), self.first, self.band, items)


class SeriesAmendmentBody(Body):
    """What is to change from today on."""

    rule: RuleText | None = None
    first: Day | None = None
    band: Band | None = None
    items: Items | None = None

    def changed(self, held: Pattern, *, items: tuple[Item, ...]) -> Pattern:
        """Return the pattern as it shall be, or raise `Invalid` (series.rule)."""
        return replace(
            held,
            rule=rule_of(self.rule) if self.rule else held.rule,
            first=self.first or held.first,
            band=self.band or held.band,
            items=items or held.items,
        )


class SkipBody(Body):
    """A day of the series without a pickup."""

    day: Day


class PauseBody(Body):
    """Days without a pickup; without a last one, until the series is resumed."""

    first: Day
    last: Day | None = None

    def to_pause(self) -> Pause:
        """Return the pause."""
        return Pause(self.first, self.last)


class ResumptionBody(Body):
    """From which day on; today, where nothing is said."""

    day: Day | None = None


class EndBody(Body):
    """The last day; today, where nothing is said."""

    last: Day | None = None
