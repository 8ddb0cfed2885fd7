"""When something recurs: the strict part of RFC 5545's RRULE that a household needs.

Whole weeks and months, from a first day on; days are legal days. What an RRULE could say beyond
that (hours, years, positions in a set) is refused, and each number has a limit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from shared.kernel.errors import Invalid

INTERVAL_MAX = 12
COUNT_MAX = 156
VALUES_MAX = 7
TEXT_MAX = 200
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKLY, MONTHLY = "WEEKLY", "MONTHLY"
_PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL", "WKST"})
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
# In a month: the first to the fourth such weekday, or the last one. There is not always a fifth.
_IN_MONTH = re.compile(r"(?:[1-4]|-1)(?:MO|TU|WE|TH|FR|SA|SU)")
_MONTH_DAY = re.compile(r"(?:[1-9]|[12][0-9]|3[01]|-1)")
_UNTIL = re.compile(r"[0-9]{8}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. Without weekdays or days of the month, those of the first day.

    `month_days` skip the months that have no such day; -1 is the last day of each. `count` counts
    from the first day on, days that are skipped later included; `until` is the last possible day.
    """

    frequency: str
    interval: int = 1
    weekdays: tuple[str, ...] = ()
    month_days: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None

    @property
    def text(self) -> str:
        """The rule as an RRULE's value, always written the same way."""
        parts = {
            "FREQ": self.frequency,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYDAY": ",".join(self.weekdays),
            "BYMONTHDAY": ",".join(map(str, self.month_days)),
            "COUNT": str(self.count or ""),
            "UNTIL": f"{self.until:%Y%m%d}" if self.until else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


class Recurrences(Protocol):
    """Works out the days of rules (RFC 5545). Pure: the same question has the same answer."""

    def days(self, rule: str, *, start: date, first: date, last: date) -> list[date]:
        """Return the days of a rule that begins on `start`, in [first, last], 1,200 at the most.

        In order. Raises `Invalid` (series.rule) for what is no rule of days.
        """


def rule_of(text: str) -> Rule:
    """Return the rule that an RRULE's value says, or raise `Invalid` (series.rule)."""
    parts = _parts(text)
    if parts.get("WKST", "MO") != "MO":
        raise _refused("weeks begin on Monday (WKST=MO)")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _refused("COUNT or UNTIL, not both")
    rule = Rule(
        frequency=parts.get("FREQ", ""),
        interval=_number(parts.get("INTERVAL", "1"), most=INTERVAL_MAX),
        weekdays=_values(parts, "BYDAY"),
        month_days=tuple(_month_day(each) for each in _values(parts, "BYMONTHDAY")),
        count=_number(parts["COUNT"], most=COUNT_MAX) if "COUNT" in parts else None,
        until=_day(parts["UNTIL"]) if "UNTIL" in parts else None,
    )
    _check_days(rule)
    return rule


def _parts(text: str) -> Mapping[str, str]:
    if len(text) > TEXT_MAX:
        raise _refused(f"a rule has up to {TEXT_MAX} characters")
    pairs = [each.partition("=") for each in text.removeprefix("RRULE:").split(";")]
    parts = {name: value for name, _, value in pairs}
    if len(parts) < len(pairs) or not parts.keys() <= _PARTS or not all(parts.values()):
        raise _refused(f"parts are {', '.join(sorted(_PARTS))}, each once and with a value")
    return parts


def _check_days(rule: Rule) -> None:
    if rule.frequency == WEEKLY:
        if rule.month_days or not set(rule.weekdays) <= set(WEEKDAYS):
            raise _refused("a week has BYDAY=MO to SU")
    elif rule.frequency == MONTHLY:
        if rule.month_days and rule.weekdays:
            raise _refused("a month has BYDAY or BYMONTHDAY, not both")
        if not all(_IN_MONTH.fullmatch(each) for each in rule.weekdays):
            raise _refused("in a month a BYDAY is 1MO to 4SU, or -1MO for the last")
    else:
        raise _refused("FREQ is WEEKLY or MONTHLY")


def _values(parts: Mapping[str, str], name: str) -> tuple[str, ...]:
    values = tuple(parts[name].split(",")) if name in parts else ()
    if len(values) > VALUES_MAX or len(set(values)) < len(values):
        raise _refused(f"{name} has up to {VALUES_MAX} values, each once")
    return values


def _number(text: str, *, most: int) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise _refused(f"a number here is 1 to {most}")
    return int(text)


def _month_day(text: str) -> int:
    if not _MONTH_DAY.fullmatch(text):
        raise _refused("a day of the month is 1 to 31, or -1 for the last")
    return int(text)


def _day(text: str) -> date:
    try:
        if _UNTIL.fullmatch(text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        pass
    raise _refused("UNTIL is a day, as in 20271231")


def _refused(why: str) -> Invalid:
    return Invalid("series.rule", why)
