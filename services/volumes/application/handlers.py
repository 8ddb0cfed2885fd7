"""Answers to questions about volumes: by hour, by legal day, by area."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from services.volumes.application.ports import Volume, Volumes
from shared.kernel.clock import at_local, legal_day
from shared.kernel.errors import Invalid

HOURS_MAX = 24 * 31
DAYS_MAX = 366


def volumes_by_hour(
    area_code: str, *, start: datetime, end: datetime, volumes: Volumes
) -> list[Volume]:
    """Return volumes hour by hour in [start, end); an area is 2 to 12 digits, a whole prefix.

    Raises `Invalid` (volumes.range) where the range is empty or longer than 31 days.
    """
    if not timedelta() < end - start <= timedelta(hours=HOURS_MAX):
        raise Invalid("volumes.range", f"a range is 1 to {HOURS_MAX} hours")
    return volumes.hours(area_code, start=start, end=end)


def volumes_by_day(area_code: str, *, first: date, last: date, volumes: Volumes) -> list[Volume]:
    """Return volumes per legal day (Asia/Shanghai), from `first` to `last`, both included.

    Shanghai's days begin on whole UTC hours, so a day is the sum of 24 of them, exactly.
    """
    if not 0 <= (last - first).days < DAYS_MAX:
        raise Invalid("volumes.range", f"a range is 1 to {DAYS_MAX} days")
    start, end = at_local(first, time()), at_local(last + timedelta(days=1), time())
    return _by_legal_day(volumes.hours(area_code, start=start, end=end))


def _by_legal_day(hours: Iterable[Volume]) -> list[Volume]:
    days: dict[tuple[str, date, str, str], list[int]] = {}
    for hour in hours:
        key = (hour.community_code, legal_day(hour.start), hour.material, hour.grade)
        held = days.setdefault(key, [0, 0])
        held[0] += hour.mass_g
        held[1] += hour.lots
    return [
        Volume(community, at_local(day, time()), material, grade, mass_g, lots)
        for (community, day, material, grade), (mass_g, lots) in sorted(days.items())
    ]
