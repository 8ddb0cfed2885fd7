"""What telling people needs of the outside. Calls block and raise `Unavailable`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.collection.application.desk import Desk
from services.collection.application.drive_desk import DriveDesk
from services.collection.domain.drive import Drive
from services.collection.domain.drive_notices import AtDrive
from services.collection.domain.intents import Intent
from services.collection.domain.pickup import Pickup
from services.collection.domain.preferences import Addressee, Preferences
from services.collection.domain.signup import SignUp
from services.collection.domain.visit import Visit
from shared.kernel.aggregate import Stored

Thing = Pickup | AtDrive | Visit


class Intents(Protocol):
    """Intents, each under its derived id."""

    def add(self, intents: Sequence[Intent]) -> None:
        """Insert those that are not there yet, durably; may be repeated."""

    def claim(self, *, now: datetime, real_now: datetime, until: datetime) -> Intent | None:
        """Take the next one that is due, for oneself until `until`, and count the attempt.

        Who takes it and dies leaves it to the next one from `until` on.
        """

    def end(self, intent: Intent) -> None:
        """Store how a claimed one ended; nothing happens where another claim came after it."""

    def again(self, intent: Intent, *, at: datetime, why: str, counts: bool) -> None:
        """Give a claimed one back, to be tried from `at` on; whether the attempt counts."""


class Recipients(Protocol):
    """Who belongs to a household, and where they are reached. An erased person is nowhere."""

    def of_households(self, household_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return the recipients of each household that has some."""

    def addressee(
        self, recipient: str, *, audience: str, household_id: str | None
    ) -> Addressee | None:
        """Return where one is reached, or None for one who is erased or left the household."""


class DriveNews(Protocol):
    """Reads over drives, sign-ups and visits to tell somebody of, and notes that it was done.

    Calls block and may be repeated.
    """

    def many(self, drive_ids: Collection[str]) -> Mapping[str, Drive]:
        """Return those that exist, by id."""

    def untold(self, *, limit: int) -> Sequence[Drive]:
        """Return drives with steps that no notices were made of."""

    def told(self, drive: Drive) -> None:
        """Take its steps off its list."""

    def to_remind(
        self, kind: str, *, after: datetime, until: datetime, limit: int
    ) -> Sequence[Drive]:
        """Return drives ahead that begin in (after, until] and whose last reminder was another."""

    def reminded(self, drive_id: str, kind: str) -> None:
        """Note which reminder was made last."""

    def signed_for(self, drive_id: str, *, after_id: str, limit: int) -> Sequence[Stored[SignUp]]:
        """Return the sign-ups for a drive that stand, behind an id, by id."""

    def fresh(self, *, limit: int) -> Sequence[Stored[SignUp]]:
        """Return sign-ups that nobody looked at since they were decided."""

    def looked_at(self, sign_ups: Sequence[Stored[SignUp]]) -> None:
        """Note it, of those that are still at this version."""

    def untold_visits(self, *, limit: int) -> Sequence[Visit]:
        """Return visits with marks that no notices were made of."""

    def visits_told(self, visits: Sequence[Visit]) -> None:
        """Take these marks off these visits; later ones stay."""


class PreferencesBook(Protocol):
    """What persons asked for."""

    def of(self, recipient: str) -> Preferences:
        """Return them; who never said has the defaults."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, in words. `message_id` is the same at each try."""

    message_id: str
    kind: str
    addressee: Addressee
    language: str
    subject: str
    body: str
    created_at: datetime


class Channel(Protocol):
    """A way to reach people."""

    def reaches(self, addressee: Addressee) -> bool:
        """Say whether a recipient has an address here."""

    def send(self, message: Message) -> None:
        """Hand over, within seconds.

        Raises `Unavailable`: notice.channel_down where nothing goes through, another code where
        this message does not yet; `Rejected` where it never will.
        """


class Texts(Protocol):
    """What is written, in each language."""

    def words(self, intent: Intent, thing: Thing, *, language: str) -> tuple[str, str]:
        """Return subject and body."""


@dataclass(frozen=True, slots=True)
class Office:
    """What telling people works with. Without channels, intents are void as they are made."""

    desk: Desk
    drives: DriveDesk
    news: DriveNews
    intents: Intents
    recipients: Recipients
    preferences: PreferencesBook
    texts: Texts
    channels: Mapping[str, Channel] = field(default_factory=dict)
