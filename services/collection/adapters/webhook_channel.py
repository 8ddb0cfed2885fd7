"""Notices to the city's own gateway (app, SMS): a signed POST, in the Standard Webhooks form.

It names the recipient by the subject who logs in; the gateway knows its own users. The id of a
delivery is the intent's at each try: a gateway drops one that it has seen.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable

import httpx
import orjson

from services.collection.application.notice_ports import Message
from services.collection.domain.preferences import Addressee
from shared.kernel.errors import Rejected, Unavailable

TIMEOUT_S = 5.0
GONE = 410
UNPROCESSABLE = (400, 413, 422)
BUSY = (408, 425, 429)


class WebhookChannel:
    """`Channel` over HTTPS. Redirects are not followed. `real_time_s` tells the time signed."""

    def __init__(self, url: str, secret: bytes, *, real_time_s: Callable[[], float]) -> None:
        """`secret` is shared with the gateway."""
        self._url = url
        self._secret = secret
        self._real_time_s = real_time_s
        self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)

    def reaches(self, addressee: Addressee) -> bool:
        """Say whether it is one who logs in."""
        return addressee.subject is not None

    def send(self, message: Message) -> None:
        """Post; 2xx is taken."""
        body = _body(message)
        headers = signed_headers(
            message.message_id, body, secret=self._secret, at_s=int(self._real_time_s())
        )
        try:  # only the status is read: an answer's body may be endless
            with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                status = answer.status_code
        except httpx.HTTPError as error:
            raise Unavailable("notice.channel_down", "the gateway does not answer") from error
        _judge(status)


def signed_headers(message_id: str, body: bytes, *, secret: bytes, at_s: int) -> dict[str, str]:
    """Return the headers of a delivery: id, time and HMAC-SHA256 of `id.time.body`."""
    signed = f"{message_id}.{at_s}.".encode() + body
    mac = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{mac}",
    }


def _body(message: Message) -> bytes:
    return orjson.dumps(
        {
            "id": message.message_id,
            "kind": message.kind,
            "recipient": message.addressee.subject,
            "language": message.language,
            "subject": message.subject,
            "body": message.body,
            "created_at": message.created_at,
        }
    )


def _judge(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in UNPROCESSABLE or status == GONE:
        raise Rejected("notice.message_refused", "the gateway will not take this message")
    if status in BUSY:
        raise Unavailable("notice.deferred", "the gateway does not take this message yet")
    raise Unavailable("notice.channel_down", "the gateway does not take messages")
