"""Recurrence rules (RFC 5545) by python-dateutil, held to whole days and to bounds.

dateutil looks for the next day until the year 9999, also by a rule that has none. The calendar is
the same every 400 years, so each search here is done in the last of them, and ends after less than
400 years, not 8,000. COUNT is counted outside.
"""

import re
from datetime import MAXYEAR, date, datetime, time
from itertools import islice

from dateutil.rrule import rrulestr

from shared.kernel.errors import Invalid

# A household's series lasts three years at the most, a drive's is planned a year ahead.
DAYS_MAX = 1_200
OCCURRENCES_MAX = 20_000
RULE_MAX = 300
CALENDAR_REPEATS_Y = 400
_NUMBERS = r"[+-]?\d{1,3}(,[+-]?\d{1,3}){0,30}"
_MONTH = r"([1-9]|1[0-2])"
_DAY = r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)"
# A drive's time of day is the series' own: a rule names whole days.
PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}",
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
    "BYDAY": rf"{_DAY}(,{_DAY}){{0,20}}",
    "BYMONTH": rf"{_MONTH}(,{_MONTH}){{0,11}}",
    "BYMONTHDAY": _NUMBERS,
    "BYSETPOS": _NUMBERS,
    "BYWEEKNO": _NUMBERS,
    "BYYEARDAY": _NUMBERS,
}


class RuleDays:
    """`Recurrences` by dateutil. Its own errors are many; all mean that this is no rule."""

    def days(self, rule: str, *, start: date, first: date, last: date) -> list[date]:
        """Return the days of a rule in [first, last], 1,200 at the most."""
        parts = _parts(rule)
        count = int(parts.pop("COUNT", OCCURRENCES_MAX))
        try:
            until = min(last, datetime.strptime(parts.pop("UNTIL"), "%Y%m%d").date())  # noqa: DTZ007 - a day
        except KeyError:
            until = last
        except ValueError:
            raise _no_rule() from None
        if until < start:
            return []
        named = (day for day in islice(_all(parts, start, until), count) if day >= first)
        return list(islice(named, DAYS_MAX))


def _parts(rule: str) -> dict[str, str]:
    text = rule.removeprefix("RRULE:")
    pairs = [part.partition("=") for part in text[:RULE_MAX].split(";")]
    parts = {name: value for name, _, value in pairs}
    known = all(
        re.fullmatch(PARTS.get(name, "$^"), value, re.ASCII) for name, value in parts.items()
    )
    if len(text) > RULE_MAX or len(parts) < len(pairs) or not known or "FREQ" not in parts:
        raise _no_rule()
    return parts


def _all(parts: dict[str, str], start: date, until: date) -> list[date]:
    later_y = (MAXYEAR - until.year) // CALENDAR_REPEATS_Y * CALENDAR_REPEATS_Y
    begin = datetime.combine(_moved(start, later_y), time())  # a day, without a zone
    ended = {**parts, "UNTIL": f"{_moved(until, later_y):%Y%m%d}"}
    text = ";".join(f"{name}={value}" for name, value in ended.items())
    try:
        named = rrulestr(text, dtstart=begin)
        return [_moved(each.date(), -later_y) for each in islice(named, OCCURRENCES_MAX)]
    except (ValueError, TypeError, OverflowError, KeyError, IndexError) as error:
        raise _no_rule() from error


def _moved(day: date, years: int) -> date:
    return day.replace(year=day.year + years)


def _no_rule() -> Invalid:
    return Invalid("series.rule", "this is no rule of days (RFC 5545)")
