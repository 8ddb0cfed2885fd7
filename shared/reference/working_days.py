"""China's working days, with its holidays and make-up workdays (State Council notices).

By the `holidays` package, which knows the make-up workdays of published years and the fixed
festivals of later ones.
"""

from datetime import date, timedelta

import holidays

DAYS_MAX = 120


class ChinaWorkingDays:
    """Counts working days on from a day, which is day 0."""

    def __init__(self) -> None:
        """Years are worked out when they are first asked for."""
        self._china = holidays.country_holidays("CN")

    def add(self, day: date, working_days: int) -> date:
        """Return the day that is so many working days later; 120 days on at the most."""
        left, current = working_days, day
        for _ in range(DAYS_MAX):
            if left == 0:
                break
            current += timedelta(days=1)
            if self._china.is_working_day(current):
                left -= 1
        return current
