"""Intents become messages. A job of the worker, in as many processes as there are.

An intent is claimed for two minutes, then looked at again: what was overtaken is void, and so is
what is for nobody any more. A message may go out twice after a crash, under the same id.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services.collection.application.notice_ports import Message, Office
from services.collection.application.notice_subjects import household_of, look_up, still_holds
from services.collection.domain.intents import ATTEMPTS_MAX, Intent, Progress, retry_after
from services.collection.domain.preferences import (
    CHANNELS,
    NONE,
    Addressee,
    Preferences,
    language_of,
)
from shared.kernel.errors import Rejected, Unavailable

SENT_A_ROUND = 100
CLAIMED_FOR = timedelta(minutes=2)
CHANNEL_DOWN = "notice.channel_down"
DOWN_FOR = timedelta(seconds=30)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Void:
    """There is nothing to send, for a reason (a code)."""

    why: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message and its way."""

    channel: str
    message: Message


class Sender:
    """Sends what is due. Through a channel that is down nothing is tried for a while."""

    def __init__(self, office: Office) -> None:
        """Used by one thread."""
        self._office = office
        self._down_until: dict[str, datetime] = {}

    def send_due(self) -> int:
        """Send what is due; return how many intents were taken up."""
        desk = self._office.desk
        for number in range(SENT_A_ROUND):
            real_now = desk.lease_clock.now()
            until = real_now + CLAIMED_FOR
            intent = self._office.intents.claim(
                now=desk.clock.now(), real_now=real_now, until=until
            )
            if intent is None:
                return number
            self._take_up(intent)
        return SENT_A_ROUND

    def _take_up(self, intent: Intent) -> None:
        outgoing = outgoing_of(intent, office=self._office)
        if isinstance(outgoing, Void):
            self._end(intent, Progress.VOID, why=outgoing.why)
        elif intent.attempts > ATTEMPTS_MAX:  # whoever claimed it died, each time
            self._end(intent, Progress.PARKED, why="notice.given_up")
        elif self._office.desk.lease_clock.now() < self._down_until.get(outgoing.channel, LONG_AGO):
            until = self._down_until[outgoing.channel]
            self._office.intents.again(intent, at=until, why=CHANNEL_DOWN, counts=False)
        else:
            self._send(intent, outgoing)

    def _send(self, intent: Intent, outgoing: Outgoing) -> None:
        desk = self._office.desk
        desk.reached("notice.send.before")
        try:
            self._office.channels[outgoing.channel].send(outgoing.message)
        except Rejected as no:
            self._end(intent, Progress.PARKED, why=no.code)
        except Unavailable as away:
            if away.code == CHANNEL_DOWN:
                self._down_until[outgoing.channel] = desk.lease_clock.now() + DOWN_FOR
            self._try_later(intent, why=away.code)
        else:
            desk.reached("notice.send.after")
            self._end(intent, Progress.SENT, why=None, channel=outgoing.channel)

    def _try_later(self, intent: Intent, *, why: str) -> None:
        wait = retry_after(intent.attempts)
        if wait is None:
            self._end(intent, Progress.PARKED, why=why)
        else:
            at = self._office.desk.lease_clock.now() + wait
            self._office.intents.again(intent, at=at, why=why, counts=True)

    def _end(
        self, intent: Intent, progress: Progress, *, why: str | None, channel: str | None = None
    ) -> None:
        at = None if progress is Progress.PARKED else self._office.desk.lease_clock.now()
        ended = replace(intent, progress=progress, why=why, channel=channel, ended_at=at)
        self._office.intents.end(ended)


def outgoing_of(intent: Intent, *, office: Office) -> Outgoing | Void:
    """Return the message that an intent is by now, or why there is none any more."""
    notice = intent.notice
    thing = look_up(notice.subject, office=office)
    if thing is None:
        return Void("notice.gone")
    if office.desk.clock.now() >= notice.expires_at:
        return Void("notice.late")
    if not still_holds(notice, thing):
        return Void("notice.overtaken")
    addressee = office.recipients.addressee(
        intent.recipient, audience=notice.audience, household_id=household_of(thing)
    )
    if addressee is None:
        return Void("notice.nobody")
    preferences = office.preferences.of(intent.recipient)
    channel = _channel(preferences, addressee, office=office)
    if isinstance(channel, Void):
        return channel
    language = language_of(preferences, addressee)
    subject, body = office.texts.words(intent, thing, language=language)
    message = Message(
        message_id=intent.intent_id,
        kind=notice.kind,
        addressee=addressee,
        language=language,
        subject=subject,
        body=body,
        created_at=intent.created_at,
    )
    return Outgoing(channel, message)


def _channel(preferences: Preferences, addressee: Addressee, *, office: Office) -> str | Void:
    """Choose the way: the one asked for, else the first by which the recipient is reached."""
    if preferences.channel == NONE:
        return Void("notice.unwanted")
    wanted = CHANNELS if preferences.channel is None else (preferences.channel,)
    there = [name for name in wanted if name in office.channels]
    if not there:
        return Void("notice.no_channel")
    reaching = [name for name in there if office.channels[name].reaches(addressee)]
    return reaching[0] if reaching else Void("notice.no_address")
