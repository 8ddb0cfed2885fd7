"""The part of collection's wiring that tells people: notices, and calendars that they read."""

from collections.abc import Sequence
from time import time
from typing import Any

from fastapi import APIRouter
from pymongo.database import Database

from services.collection.adapters.mongo_drive_news import MongoDriveNews
from services.collection.adapters.mongo_feeds import MongoFeeds
from services.collection.adapters.mongo_intents import MongoIntents
from services.collection.adapters.mongo_preferences import MongoPreferences
from services.collection.adapters.smtp_channel import SmtpChannel, SmtpServer
from services.collection.adapters.texts import GettextTexts
from services.collection.application.desk import Desk
from services.collection.application.drive_notifying import (
    check_sign_ups,
    remind_drives,
    tell_drives,
)
from services.collection.application.feeds import HOUSEHOLD, FeedOffice, HouseholdPickups, Source
from services.collection.application.notice_ports import Channel, Office
from services.collection.application.notifying import remind, tell_steps
from services.collection.application.recipients import MemberRecipients
from services.collection.application.sending import Sender
from services.collection.application.site_feeds import SITE, SiteDrives
from services.collection.application.visit_notifying import tell_visits
from services.collection.bootstrap_drives import DriveWiring
from services.collection.domain.feeds import Entry, Feed
from services.collection.domain.preferences import EMAIL, MESSAGE
from services.collection.entrypoints.calendars import calendars_router
from services.collection.entrypoints.export import NoticeArchive
from services.collection.entrypoints.notices import notices_router, preferences_router
from services.collection.settings import CollectionSettings
from shared.messaging.worker import Job
from shared.observability import metrics

TELL_EVERY_S = 2.0
REMIND_EVERY_S = 10.0
COUNT_EVERY_S = 15.0


class NoticeWiring:
    """What tells people, over the service's database."""

    def __init__(
        self,
        desk: Desk,
        db: Database[dict[str, Any]],
        settings: CollectionSettings,
        *,
        drives: DriveWiring,
    ) -> None:
        """Nothing is connected before the first message."""
        self.desk = desk
        self.intents = MongoIntents(db["intents"])
        self.news = MongoDriveNews(drives.drives, drives.sign_ups, drives.visits)
        self.preferences = MongoPreferences(db["preferences"])
        self.office = Office(
            desk=desk,
            drives=drives.desk,
            news=self.news,
            intents=self.intents,
            recipients=MemberRecipients(desk, operators_email=settings.operators_email),
            preferences=self.preferences,
            texts=GettextTexts(),
            channels=_channels(settings),
        )
        self._calendars = MongoFeeds(db["calendars"])
        sources: dict[str, Source] = {
            HOUSEHOLD: HouseholdPickups(desk),
            SITE: SiteDrives(desk, drives.desk),
        }
        self.feeds = FeedOffice(desk, self._calendars, sources)
        self.archive = NoticeArchive(self.preferences, self._calendars)

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        self.intents.prepare()
        self.news.prepare()
        self._calendars.prepare()

    def routers(self) -> list[APIRouter]:
        """Return the routes of notices and calendars."""
        return [
            preferences_router(self.preferences, self.desk),
            calendars_router(self.feeds, _calendar_of),
            notices_router(self.intents, self.desk.lease_clock),
        ]

    def jobs(self) -> list[Job]:
        """Return the worker's jobs."""
        sender = Sender(self.office)
        return [
            Job("tell-steps", TELL_EVERY_S, lambda: tell_steps(office=self.office)),
            Job("tell-drives", TELL_EVERY_S, lambda: tell_drives(office=self.office)),
            Job("tell-visits", TELL_EVERY_S, lambda: tell_visits(office=self.office)),
            Job("check-sign-ups", REMIND_EVERY_S, lambda: check_sign_ups(office=self.office)),
            Job("remind-drives", REMIND_EVERY_S, lambda: remind_drives(office=self.office)),
            Job("remind", REMIND_EVERY_S, lambda: remind(office=self.office)),
            Job("send-notices", TELL_EVERY_S, sender.send_due),
            Job("count-notices", COUNT_EVERY_S, self._count),
        ]

    def _count(self) -> None:
        for status, number in self.intents.counts().items():
            metrics.NOTICES.labels(status).set(number)


def _calendar_of(feed: Feed, entries: Sequence[Entry]) -> bytes:
    from services.collection.adapters.ics import calendar_of

    return calendar_of(feed, entries)


def _channels(settings: CollectionSettings) -> dict[str, Channel]:
    """Return the ways to reach people that the environment names."""
    channels: dict[str, Channel] = {}
    if settings.smtp_host is not None:
        password = settings.smtp_password
        server = SmtpServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_from or "",
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=password.get_secret_value() if password else None,
        )
        channels[EMAIL] = SmtpChannel(server)
    if settings.gateway_url is not None and settings.gateway_secret is not None:
        from services.collection.adapters.webhook_channel import WebhookChannel

        secret = settings.gateway_secret.get_secret_value().encode()
        channels[MESSAGE] = WebhookChannel(settings.gateway_url, secret, real_time_s=time)
    return channels
