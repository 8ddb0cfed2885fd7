"""The types of ASGI, and one answer on its way out."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.responses import Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

Dress = Callable[[Message], None]
EVENT_STREAM = b"text/event-stream"


class Refused(Exception):  # noqa: N818 - carries the answer, is not an error of ours
    """The request ends here, with this answer."""

    def __init__(self, answer: Response) -> None:
        """`answer` is sent as it is."""
        super().__init__(str(answer.status_code))
        self.answer = answer


class Exchange:
    """Sends one answer: the first to begin it wins, whatever comes later is dropped."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, dress: Dress) -> None:
        """`dress` adds headers to the answer's start."""
        self.status = 500
        self.is_begun = False
        # A stream of events goes on for minutes: `on_stream` is called when one begins.
        self.is_stream = False
        self.on_stream: Callable[[], None] = _nothing
        self._is_cut = False
        self._scope = scope
        self._receive = receive
        self._send = send
        self._dress = dress

    async def send(self, message: Message) -> None:
        """Pass on what the application sends, unless another answer was sent in its place."""
        if not self._is_cut:
            await self._pass(message)

    async def answer(self, answer: Response) -> None:
        """Send this answer in the application's place, unless it has begun its own."""
        if not self.is_begun:
            self._is_cut = self.is_begun = True
            await answer(self._scope, self._receive, self._pass)

    async def _pass(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.is_begun = True
            self.status = message["status"]
            self._dress(message)
            self.is_stream = _is_event_stream(message)
            if self.is_stream:
                self.on_stream()
        await self._send(message)


def _is_event_stream(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(EVENT_STREAM)
        for name, value in start["headers"]
    )


def _nothing() -> None:
    return None
