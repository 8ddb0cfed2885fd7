"""All that is kept of a person, as the person takes it."""

from services.collection.entrypoints.calendars import CalendarView
from services.collection.entrypoints.notices import PreferencesView
from services.collection.entrypoints.people_views import (
    CardRecordView,
    MembershipView,
    NoteView,
    PersonView,
    PhotoRecordView,
)
from services.collection.entrypoints.series_views import SeriesView
from services.collection.entrypoints.views import PickupView
from services.collection.entrypoints.visit_views import SignUpView, VisitView
from shared.http.body import View


class ExportView(View):
    """What belongs to the person's households comes in pages, the rest in each.

    In pages: pickups, series, visits to drives and sign-ups for them.
    """

    person: PersonView
    preferences: PreferencesView
    households: tuple[MembershipView, ...]
    notes: tuple[NoteView, ...]
    cards: tuple[CardRecordView, ...]
    photos: tuple[PhotoRecordView, ...]
    calendars: tuple[CalendarView, ...]
    pickups: tuple[PickupView, ...]
    series: tuple[SeriesView, ...]
    visits: tuple[VisitView, ...]
    sign_ups: tuple[SignUpView, ...]
    next: str | None = None
