"""In-memory twins of what telling people needs; intents pass the suite of the real ones."""

from dataclasses import replace

from services.collection.application import drive_notifying, notifying, visit_notifying
from services.collection.application.notice_ports import Office
from services.collection.application.sending import Sender
from services.collection.domain.drive_states import AHEAD
from services.collection.domain.intents import Progress
from services.collection.domain.preferences import EMAIL, MESSAGE, Addressee, Preferences
from services.collection.domain.signup import SignUpState
from shared.kernel.errors import Conflict, NotFound


class InMemoryIntents:
    def __init__(self):
        self.held = {}

    def add(self, intents):
        for each in intents:
            self.held.setdefault(each.intent_id, each)

    def claim(self, *, now, real_now, until):
        due = [
            each
            for each in self.held.values()
            if each.progress is Progress.WAITING and each.try_at <= real_now and each.due_at <= now
        ]
        if not due:
            return None
        first = min(due, key=lambda each: each.try_at)
        self.held[first.intent_id] = replace(first, try_at=until, attempts=first.attempts + 1)
        return self.held[first.intent_id]

    def end(self, intent):
        if self._is_claimed(intent):
            self.held[intent.intent_id] = replace(
                self.held[intent.intent_id],
                progress=intent.progress,
                why=intent.why,
                channel=intent.channel,
                ended_at=intent.ended_at,
            )

    def again(self, intent, *, at, why, counts):
        if self._is_claimed(intent):
            attempts = intent.attempts if counts else intent.attempts - 1
            self.held[intent.intent_id] = replace(
                self.held[intent.intent_id], try_at=at, why=why, attempts=attempts
            )

    def get(self, intent_id):
        if intent_id not in self.held:
            raise NotFound("notice.not_found")
        return self.held[intent_id]

    def resume(self, intent_id, *, real_now):
        held = self.get(intent_id)
        if held.progress is Progress.PARKED:
            held = replace(held, progress=Progress.WAITING, try_at=real_now, attempts=0)
            self.held[intent_id] = held
        if held.progress is not Progress.WAITING:
            raise Conflict("notice.ended")
        return held

    def _is_claimed(self, intent):
        held = self.held[intent.intent_id]
        return held.progress is Progress.WAITING and held.attempts == intent.attempts


class FakeRecipients:
    """A household has its `members`, or one resident; who is `erased` is nowhere."""

    def __init__(self):
        self.emails = {"resident-1": "chen@example.org", "operators": "city@example.org"}
        self.members = {}
        self.erased = set()

    def of_households(self, household_ids):
        return {each: self.members.get(each, ("resident-1",)) for each in household_ids}

    def addressee(self, recipient, *, audience, household_id):
        if recipient in self.erased:
            return None
        if audience == "collector":
            return Addressee(recipient, subject=recipient)
        return Addressee(recipient, self.emails.get(recipient), subject=recipient)


class InMemoryDriveNews:
    """Over the aggregates of a house of drives; passes the suite of the real one."""

    def __init__(self, drives, sign_ups, visits):
        self._drives, self._sign_ups, self._visits = drives, sign_ups, visits

    def many(self, drive_ids):
        return {each: held.state for each, held in self._drives.get_many(drive_ids).items()}

    def untold(self, *, limit):
        return [each for each in self._drives.states() if each.untold][:limit]

    def told(self, drive):
        state = self._drives._documents[drive.drive_id]["state"]
        state["untold"] = [each for each in state["untold"] if each not in drive.untold]

    def to_remind(self, kind, *, after, until, limit):
        return [
            each
            for each in self._drives.states()
            if each.state in AHEAD and each.reminded != kind and after < each.window_start <= until
        ][:limit]

    def reminded(self, drive_id, kind):
        self._drives._documents[drive_id]["state"]["reminded"] = str(kind)

    def signed_for(self, drive_id, *, after_id, limit):
        return self._signed(
            lambda each: (
                each.state.drive_id == drive_id
                and each.state.state is SignUpState.SIGNED
                and each.id > after_id
            )
        )[:limit]

    def fresh(self, *, limit):
        return self._signed(lambda each: each.state.is_fresh)[:limit]

    def looked_at(self, sign_ups):
        for each in sign_ups:
            document = self._sign_ups._documents[each.id]
            if document["version"] == each.version:
                document["state"]["is_fresh"] = False

    def untold_visits(self, *, limit):
        return [each for each in self._visits.states() if each.untold][:limit]

    def visits_told(self, visits):
        for visit in visits:
            state = self._visits._documents[visit.visit_id]["state"]
            state["untold"] = [each for each in state["untold"] if each not in visit.untold]

    def _signed(self, holds):
        stored = self._sign_ups.get_many(sorted(self._sign_ups._documents)).values()
        return [each for each in stored if holds(each)]


class FakePreferences:
    def __init__(self):
        self.held = {}

    def of(self, recipient):
        return self.held.get(recipient, Preferences())


class FakeTexts:
    def words(self, intent, thing, *, language):
        return f"{intent.notice.kind} {language}", intent.notice.subject.id


class FakeChannel:
    """Keeps what is sent; `refuse` is raised first, so many times."""

    def __init__(self, *, needs_email):
        self.sent = []
        self.refusals = []
        self._needs_email = needs_email

    def reaches(self, addressee):
        return (addressee.email if self._needs_email else addressee.subject) is not None

    def send(self, message):
        if self.refusals:
            raise self.refusals.pop(0)
        self.sent.append(message)


class Notices:
    """A house's office, and the worker's rounds."""

    def __init__(self, house, *, channels=(EMAIL, MESSAGE)):
        self.house = house
        drives = getattr(house, "drive_house", None)
        self.intents = InMemoryIntents()
        self.recipients = FakeRecipients()
        self.preferences = FakePreferences()
        self.channels = {name: FakeChannel(needs_email=name == EMAIL) for name in channels}
        self.office = Office(
            desk=house.desk,
            drives=drives and drives.desk,
            news=drives and InMemoryDriveNews(drives.drives, drives.sign_ups, drives.visits),
            intents=self.intents,
            recipients=self.recipients,
            preferences=self.preferences,
            texts=FakeTexts(),
            channels=self.channels,
        )
        self.sender = Sender(self.office)

    def round(self):
        """What the worker's jobs do."""
        if self.office.drives is not None:
            self.drive_round()
        notifying.tell_steps(office=self.office)
        notifying.remind(office=self.office)
        self.sender.send_due()

    def drive_round(self):
        """Whatever the order of the jobs."""
        drive_notifying.tell_drives(office=self.office)
        drive_notifying.remind_drives(office=self.office)
        drive_notifying.check_sign_ups(office=self.office)
        visit_notifying.tell_visits(office=self.office)

    def kinds(self, progress=None):
        held = self.intents.held.values()
        found = [each for each in held if progress in (None, each.progress)]
        return sorted(f"{each.notice.kind} to {each.recipient}" for each in found)

    def only(self):
        (intent,) = self.intents.held.values()
        return intent
