"""The routes of calendar feeds. A feed is read by its token alone: calendar programs cannot log in.

What is read names no person and no address.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response

from services.collection.application import feeds
from services.collection.application.feeds import FeedOffice, MakeFeed
from services.collection.domain.feeds import Entry, Feed
from services.collection.entrypoints.coding import coded
from services.collection.entrypoints.http import ResidentCall, is_staff
from shared.contracts.topic import OpaqueId
from shared.http.auth import public
from shared.http.body import Body, View
from shared.kernel.aggregate import Stored

Render = Callable[[Feed, Sequence[Entry]], bytes]
Token = Annotated[str, Path(pattern="^[A-Z2-7]{32}$")]
MEDIA_TYPE = "text/calendar; charset=utf-8"
FRESH_FOR = "private, max-age=300"
ICS = {"text/calendar": {"schema": {"type": "string"}}}


class CalendarBody(Body):
    """A feed of one's household (or of a drive's site), in a language."""

    kind: Literal["household", "site"] = "household"
    subject_id: OpaqueId
    language: Literal["zh-CN", "zh-TW", "en"] = "zh-CN"


class CalendarView(View):
    """A feed, without its token."""

    calendar_id: str
    kind: str
    subject_id: str
    language: str
    is_open: bool


class CodedCalendarView(CalendarView):
    """A feed with its token, told once: it is read at /v1/calendars/{token}.ics."""

    token: str


class EndingBody(Body):
    """Nobody may read it any more."""


def calendars_router(office: FeedOffice, render: Render) -> APIRouter:
    """Return the routes. `render` makes an iCalendar document."""
    router = APIRouter(prefix="/v1/calendars", tags=["calendars"])

    @router.post("", response_model=CodedCalendarView)
    def make(body: CalendarBody, call: ResidentCall) -> Response:
        cmd = MakeFeed(
            body.kind,
            body.subject_id,
            body.language,
            caller=call.caller.subject,
            is_staff=is_staff(call.caller),
        )
        request = call.request(200, calendar_view)
        stored, token = feeds.make_feed(cmd, office=office, request=request)
        return call.respond(coded(stored, token=token))

    @router.post("/{calendar_id}/ending", response_model=CalendarView)
    def end(calendar_id: OpaqueId, _body: EndingBody, call: ResidentCall) -> Response:
        ended = feeds.end_feed(
            calendar_id,
            call.caller.subject,
            is_staff=is_staff(call.caller),
            office=office,
            request=call.request(200, calendar_view),
        )
        return call.respond(ended)

    @router.get(
        "/{token}.ics",
        response_class=Response,
        responses={200: {"content": ICS}, 304: {"description": "Nothing changed."}},
        dependencies=[Depends(public("the path holds a token that nobody can guess"))],
    )
    def read(token: Token, request: Request) -> Response:
        feed, entries = feeds.read_feed(token, office=office)
        document = render(feed, entries)
        etag = f'"{sha256(document).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": FRESH_FOR}
        if _knows(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        return Response(document, media_type=MEDIA_TYPE, headers=headers)

    return router


def _knows(if_none_match: str, etag: str) -> bool:
    """Say whether a list of ETags, weak ones too, has this one."""
    known = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return etag in known or "*" in known


def calendar_view(stored: Stored[Feed]) -> CalendarView:
    """Return the view of a feed."""
    feed = stored.state
    return CalendarView(
        calendar_id=stored.id,
        kind=feed.kind,
        subject_id=feed.subject_id,
        language=feed.language,
        is_open=feed.token_sha256 is not None,
    )
