"""Notices become intents, one for each recipient, under derived ids: made once however often."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.collection.application.notice_ports import Office
from services.collection.domain.intents import Intent, Progress, intent_of
from services.collection.domain.notices import Notice
from services.collection.domain.outcomes import RESIDENT

AddressedTo = Mapping[str, Sequence[str]]


def keep(
    notices: Sequence[Notice], *, homes: Mapping[str, str], staff: AddressedTo, office: Office
) -> None:
    """Store an intent for each recipient of each notice; those that are there stay.

    `homes` are the households of subjects, `staff` the recipients of the other audiences.
    """
    asked = {
        homes[each.subject.id]
        for each in notices
        if each.audience == RESIDENT and each.subject.id in homes
    }
    persons = office.recipients.of_households(sorted(asked))
    intents = [
        _made(notice, recipient, office=office)
        for notice in notices
        for recipient in (
            persons.get(homes.get(notice.subject.id, ""), ())
            if notice.audience == RESIDENT
            else staff.get(notice.audience, ())
        )
    ]
    if intents:
        office.intents.add(intents)


def _made(notice: Notice, recipient: str, *, office: Office) -> Intent:
    now, real_now = office.desk.clock.now(), office.desk.lease_clock.now()
    intent = intent_of(notice, recipient, now=now, real_now=real_now)
    if office.channels:
        return intent
    return replace(intent, progress=Progress.VOID, why="notice.no_channel", ended_at=real_now)
