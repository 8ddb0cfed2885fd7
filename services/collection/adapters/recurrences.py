"""The days of a rule, by python-dateutil (RFC 5545)."""

from datetime import date, datetime, time

from dateutil.rrule import rrulestr

from services.collection.domain.recurrence import Rule


class DateutilRecurrences:
    """`Recurrences` by `dateutil.rrule`."""

    def days(self, rule: Rule, *, start: date, first: date, last: date) -> list[date]:
        """Return the days in [first, last] of a rule that begins on `start`."""
        if last < start:
            return []
        begun = datetime.combine(start, time())
        found = rrulestr(rule.text, dtstart=begun).xafter(begun, inc=True)
        days = []
        for each in found:
            if each.date() > last:
                break
            if each.date() >= first:
                days.append(each.date())
        return days
