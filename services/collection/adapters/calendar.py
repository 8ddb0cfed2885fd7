"""China's working days, with its holidays and make-up workdays (State Council notices)."""

from datetime import date, timedelta

import holidays

DAYS_MAX = 60


class ChinaWorkingDays:
    """`WorkingDays` by the `holidays` package, which knows the make-up workdays."""

    def __init__(self) -> None:
        """Years are worked out when they are first asked for."""
        self._china = holidays.country_holidays("CN")

    def add(self, day: date, working_days: int) -> date:
        """Return the day that is so many working days later; 60 days on at the most."""
        return self._moved(day, working_days, step=timedelta(days=1))

    def subtract(self, day: date, working_days: int) -> date:
        """Return the day that is so many working days earlier; 60 days back at the most."""
        return self._moved(day, working_days, step=timedelta(days=-1))

    def is_working_day(self, day: date) -> bool:
        """Say whether people work on a day."""
        return bool(self._china.is_working_day(day))

    def _moved(self, day: date, working_days: int, *, step: timedelta) -> date:
        left, current = working_days, day
        for _ in range(DAYS_MAX):
            if left == 0:
                break
            current += step
            if self._china.is_working_day(current):
                left -= 1
        return current
