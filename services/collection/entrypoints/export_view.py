"""All that is kept of a person, as the person takes it."""

from services.collection.entrypoints.notices import PreferencesView
from services.collection.entrypoints.people_views import (
    CardRecordView,
    MembershipView,
    NoteView,
    PersonView,
    PhotoRecordView,
)
from services.collection.entrypoints.views import PickupView
from services.collection.entrypoints.visit_views import SignUpView, VisitView
from shared.http.body import View


class ExportView(View):
    """Pickups, visits and sign-ups of the person's households come in pages, the rest in each."""

    person: PersonView
    preferences: PreferencesView
    households: tuple[MembershipView, ...]
    notes: tuple[NoteView, ...]
    cards: tuple[CardRecordView, ...]
    photos: tuple[PhotoRecordView, ...]
    pickups: tuple[PickupView, ...]
    visits: tuple[VisitView, ...]
    sign_ups: tuple[SignUpView, ...]
    next: str | None = None
