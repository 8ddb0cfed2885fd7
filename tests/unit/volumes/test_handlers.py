from datetime import UTC, date, datetime

import pytest

from services.volumes.application.handlers import volumes_by_day, volumes_by_hour
from services.volumes.domain.live import LiveTile
from shared.kernel.errors import Invalid
from tests.fakes.volumes import InMemoryRows

COMMUNITY = "350102001001"


def rows_of(*hours):
    rows = InMemoryRows()
    for number, (hour, mass_g) in enumerate(hours, start=1):
        key = (COMMUNITY, int(hour.timestamp()))
        rows.add(0, number, {key: {"cardboard|A": [mass_g, 1]}})
    return rows


def test_a_legal_day_begins_at_midnight_in_shanghai():
    rows = rows_of(
        (datetime(2026, 11, 23, 15, tzinfo=UTC), 1),
        (datetime(2026, 11, 23, 16, tzinfo=UTC), 10),
        (datetime(2026, 11, 24, 15, tzinfo=UTC), 100),
        (datetime(2026, 11, 24, 16, tzinfo=UTC), 1000),
    )
    day = date(2026, 11, 24)

    found = volumes_by_day("3501", first=day, last=day, volumes=rows)

    assert [volume.mass_g for volume in found] == [110]


def test_refuses_a_range_that_ends_before_it_begins():
    at = datetime(2026, 11, 24, tzinfo=UTC)

    with pytest.raises(Invalid):
        volumes_by_hour("35", start=at, end=at, volumes=InMemoryRows())


def test_the_live_tile_starts_anew_with_the_day():
    tile = LiveTile(date(2026, 11, 23))
    tile.add(date(2026, 11, 23), COMMUNITY, 5)

    tile.add(date(2026, 11, 24), COMMUNITY, 7)
    tile.add(date(2026, 11, 23), COMMUNITY, 9)

    assert tile.mass_g == {COMMUNITY: 7}


def test_the_live_tile_says_by_how_much_it_was_off():
    tile = LiveTile(date(2026, 11, 24), {"a": 5, "b": 2})

    off_g = tile.reconcile({"a": 4, "c": 1})

    assert off_g == 4
    assert tile.mass_g == {"a": 4, "c": 1}
