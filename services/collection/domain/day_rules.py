"""What RFC 5545 (3.3.10) forbids in a rule of days, and its readers take for something else.

A month's day 0 is every day to python-dateutil, a week's second Monday each Monday. Rules are asked
this when a series begins; one that was taken before is worked out as it always was.
"""

import re
from collections.abc import Mapping

from shared.kernel.errors import Invalid

# How far a number counts, from the begin or, below zero, from the end.
COUNTED_MAX = {"BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
# In which frequencies a part has no meaning.
_NOT_IN = {
    "BYMONTHDAY": ("WEEKLY",),
    "BYYEARDAY": ("DAILY", "WEEKLY", "MONTHLY"),
    "BYWEEKNO": ("DAILY", "WEEKLY", "MONTHLY"),
}
# The which-th weekday of a month or year there is.
_NTH_MAX = {"MONTHLY": 5, "YEARLY": 53}
_NTH = re.compile(r"([+-]?[0-9]+)[A-Z]{2}")


def check_day_rule(rule: str) -> None:
    """Raise `Invalid` (series.rule) for a well-formed rule that RFC 5545 forbids."""
    parts = dict(each.split("=", 1) for each in rule.removeprefix("RRULE:").split(";"))
    if "COUNT" in parts and "UNTIL" in parts:
        raise _refused("COUNT or UNTIL, not both")
    if "BYSETPOS" in parts and sum(name.startswith("BY") for name in parts) == 1:
        raise _refused("BYSETPOS chooses among what another part names")
    for name, most in COUNTED_MAX.items():
        _check_numbers(name, parts, most=most)
    _check_weekdays(parts)


def _check_numbers(name: str, parts: Mapping[str, str], *, most: int) -> None:
    if name not in parts:
        return
    if parts["FREQ"] in _NOT_IN.get(name, ()):
        raise _refused(f"there is no {name} in a rule that is {parts['FREQ']}")
    if not all(1 <= abs(int(number)) <= most for number in parts[name].split(",")):
        raise _refused(f"{name} counts from 1 to {most}, or from -1 back")


def _check_weekdays(parts: Mapping[str, str]) -> None:
    counted = [int(number) for number in _NTH.findall(parts.get("BYDAY", ""))]
    most = 0 if "BYWEEKNO" in parts else _NTH_MAX.get(parts["FREQ"], 0)
    if not all(1 <= abs(number) <= most for number in counted):
        raise _refused("weekdays are counted in months, up to 5, and in years, up to 53")


def _refused(why: str) -> Invalid:
    return Invalid("series.rule", why)
