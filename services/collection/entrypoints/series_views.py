"""What the API tells of series."""

from collections.abc import Mapping
from datetime import date, datetime

from services.collection.domain.pickup import Pickup
from services.collection.domain.series import Series
from services.collection.entrypoints.views import ItemView
from shared.http.body import View
from shared.kernel.aggregate import Stored


class OccurrenceView(View):
    """A day within the horizon. `reason` says why it has no place, or did not follow a change.

    `standing` is planned, unplaced (tried again until the cut-off), changing, leaving, renewing,
    booked, withdrawn or given_up; `pickup_state` is shown where the pickup is there.
    """

    day: date
    pickup_id: str
    standing: str
    reason: str | None = None
    tried_at: datetime | None = None
    pickup_state: str | None = None


class PauseView(View):
    """Days without a pickup."""

    first: date
    last: date | None = None


class SeriesView(View):
    """A series as its household sees it. `edition` counts its changes."""

    series_id: str
    household_id: str
    community_code: str
    rule: str
    first: date
    band: str
    items: tuple[ItemView, ...]
    edition: int
    last: date | None = None
    skipped: tuple[date, ...]
    pauses: tuple[PauseView, ...]
    occurrences: tuple[OccurrenceView, ...]


def series_view(stored: Stored[Series]) -> SeriesView:
    """Return the view of a series."""
    return series_with({}, stored)


def series_with(pickups: Mapping[str, Stored[Pickup]], stored: Stored[Series]) -> SeriesView:
    """Return the view of a series with the states of its pickups."""
    series, pattern = stored.state, stored.state.pattern
    occurrences = []
    for each in series.occurrences:
        pickup_id = each.pickup_id(series.series_id)
        pickup = pickups.get(pickup_id)
        occurrences.append(
            OccurrenceView(
                day=each.day,
                pickup_id=pickup_id,
                standing=each.standing.value,
                reason=each.reason,
                tried_at=each.tried_at,
                pickup_state=pickup.state.state.value if pickup else None,
            )
        )
    return SeriesView(
        series_id=series.series_id,
        household_id=series.household_id,
        community_code=series.community_code,
        rule=pattern.rule.text,
        first=pattern.first,
        band=pattern.band,
        items=pattern.items,
        edition=series.edition,
        last=series.last,
        skipped=series.skipped,
        pauses=series.pauses,
        occurrences=tuple(occurrences),
    )
