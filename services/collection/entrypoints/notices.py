"""The routes of notices: what a person prefers, and what operators look after."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.collection.adapters.mongo_intents import MongoIntents
from services.collection.adapters.mongo_preferences import MongoPreferences
from services.collection.application.desk import Desk
from services.collection.application.residents import person_for
from services.collection.domain.intents import Intent, Progress
from services.collection.domain.notices import SubjectKind
from services.collection.domain.preferences import DEFAULT_LANGUAGE, Preferences
from services.collection.entrypoints.http import OperatorCall, RegistrantCall
from shared.contracts.topic import OpaqueId
from shared.http.auth import Caller, Operator, role
from shared.http.body import Body, View
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.aggregate import Stored
from shared.kernel.clock import Clock

Language = Literal["zh-CN", "zh-TW", "en"]
NOBODY = ""
SubjectId = Annotated[str | None, Query(max_length=64)]
# Everybody has preferences, and can name nobody else's.
Preferring = Annotated[Caller, Depends(role("resident", "operator"))]


class PreferencesBody(Body):
    """How to tell me: email, message (the city's app or SMS gateway), none; null: what there is."""

    channel: Literal["email", "message", "none"] | None = None
    language: Language | None = None


class PreferencesView(View):
    """How a person is told."""

    channel: str | None
    language: str


class NoticeView(View):
    """A notice on its way to one recipient, without an address. `why`: the last failure's code."""

    notice_id: str
    kind: str
    audience: str
    recipient: str
    pickup_id: str | None = None
    drive_id: str | None = None
    sign_up_id: str | None = None
    visit_id: str | None = None
    about: str | None = None
    state: str
    attempts: int
    channel: str | None = None
    why: str | None = None
    created_at: datetime
    due_at: datetime
    expires_at: datetime


class RetryBody(Body):
    """Try it anew."""


def preferences_router(preferences: MongoPreferences, desk: Desk) -> APIRouter:
    """Return the routes of one's own preferences."""
    router = APIRouter(prefix="/v1/notice-preferences", tags=["notices"])

    @router.get("")
    def get_own(caller: Preferring) -> PreferencesView:
        person_id = desk.directory.person_id(caller.subject)
        return preferences_view(preferences.of(person_id or NOBODY))

    @router.post("", response_model=PreferencesView)
    def set_own(body: PreferencesBody, call: RegistrantCall) -> Response:
        asked = Preferences(body.channel, body.language)
        request = call.request(200, _stored_preferences_view)
        person_id = person_for(call.caller.subject, desk=desk, scope=request.scope)
        return call.respond(preferences.tell(person_id, asked, request=request))

    return router


def notices_router(intents: MongoIntents, real_time: Clock) -> APIRouter:
    """Return the operators' routes."""
    router = APIRouter(prefix="/v1/notices", tags=["notices"])

    @router.get("")
    def list_notices(
        request: Request,
        response: Response,
        _caller: Operator,
        *,
        state: Progress | None = None,
        pickup_id: SubjectId = None,
        drive_id: SubjectId = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[NoticeView]:
        where: dict[str, Any] = {} if state is None else {"progress": state.value}
        if pickup_id is not None:
            where["notice.subject.id"] = pickup_id
        if drive_id is not None:
            where["notice.subject.drive_id"] = drive_id
        after_id = str(decode_cursor(cursor, str)[0]) if cursor else ""
        found = intents.page(where, after_id=after_id, limit=limit + 1)
        following = encode_cursor(found[limit - 1].intent_id) if len(found) > limit else None
        link_next(request, response, following)
        return Page(items=[_notice_view(each) for each in found[:limit]], next=following)

    @router.post("/{notice_id}/retry")
    def retry(notice_id: OpaqueId, _body: RetryBody, _call: OperatorCall) -> NoticeView:
        return _notice_view(intents.resume(notice_id, real_now=real_time.now()))

    return router


def _stored_preferences_view(stored: Stored[Preferences]) -> PreferencesView:
    return preferences_view(stored.state)


def preferences_view(held: Preferences) -> PreferencesView:
    """Return how a person is told; who never said has the defaults."""
    return PreferencesView(channel=held.channel, language=held.language or DEFAULT_LANGUAGE)


def _notice_view(intent: Intent) -> NoticeView:
    notice, subject = intent.notice, intent.notice.subject
    return NoticeView(
        notice_id=intent.intent_id,
        kind=notice.kind,
        audience=notice.audience,
        recipient=intent.recipient,
        pickup_id=subject.id if subject.kind is SubjectKind.PICKUP else None,
        drive_id=subject.drive_id,
        sign_up_id=subject.id if subject.kind is SubjectKind.SIGN_UP else None,
        visit_id=subject.id if subject.kind is SubjectKind.VISIT else None,
        about=notice.about,
        state=intent.progress.value,
        attempts=intent.attempts,
        channel=intent.channel,
        why=intent.why,
        created_at=intent.created_at,
        due_at=intent.due_at,
        expires_at=notice.expires_at,
    )
