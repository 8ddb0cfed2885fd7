"""Reads a request's whole body, bounded in size and time.

Refuses what is not plain JSON, but where the route takes a file: there, other media types.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.datastructures import Headers

from shared.http.asgi import Message, Receive, Refused
from shared.http.limits import Limits
from shared.http.problems import problem
from shared.http.uploads import Upload

WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
LENGTH_DIGITS_MAX = 18
JSON = ("application/json",)
ESCAPED_NUL, ESCAPED_BACKSLASH = b"\\u0000", b"\\\\"
CHARSET = re.compile(r"""charset *= *"?([^\s";]*)""", re.IGNORECASE)
UTF_8 = frozenset({"utf-8", "utf8", "us-ascii"})


async def read_body(
    receive: Receive,
    headers: Headers,
    *,
    is_json: bool,
    limits: Limits,
    upload: Upload | None = None,
) -> bytes:
    """Return the body; raise `Refused` with 400, 408, 413 or 415.

    A body that is there has to be JSON where `is_json`.
    """
    if upload is None:
        body = await _bounded(receive, headers, limits.body_bytes_max, limits.body_timeout_s)
        if body and is_json:
            _expect_type(headers, JSON)
            _expect_json(body)
        return body
    _expect_type(headers, upload.media_types)
    return await _bounded(receive, headers, upload.bytes_max, upload.timeout_s)


async def _bounded(receive: Receive, headers: Headers, bytes_max: int, timeout_s: float) -> bytes:
    if _declared(headers) > bytes_max:
        raise _too_large(bytes_max)
    try:
        async with asyncio.timeout(timeout_s):
            return await _read(receive, bytes_max)
    except TimeoutError:
        raise Refused(problem(408, "http.body_too_slow")) from None


def _declared(headers: Headers) -> int:
    declared = headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > LENGTH_DIGITS_MAX:
        raise Refused(problem(400, "http.content_length"))
    return int(declared)


async def _read(receive: Receive, bytes_max: int) -> bytes:
    body = bytearray()
    while True:
        message: Message = await receive()
        if message["type"] != "http.request":
            raise Refused(problem(400, "http.disconnected"))
        body += message.get("body", b"")
        if len(body) > bytes_max:
            raise _too_large(bytes_max)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(bytes_max: int) -> Refused:
    detail = f"at most {bytes_max} bytes"
    return Refused(problem(413, "http.body_too_large", detail=detail))


def _expect_type(headers: Headers, media_types: Sequence[str]) -> None:
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    is_read = media_type.strip().lower() in media_types and _is_utf_8(parameters)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if not is_read or encoding != "identity":
        detail = f"{' or '.join(media_types)}, in UTF-8, not compressed"
        raise Refused(problem(415, "http.unsupported_media_type", detail=detail))


def _is_utf_8(parameters: str) -> bool:
    """Say whether a media type's parameters name no other charset than JSON's only one."""
    named = CHARSET.findall(parameters)
    return all(each.lower() in UTF_8 for each in named)


def _expect_json(body: bytes) -> None:
    """Refuse what Python's parser lets pass and a database or another reader would not.

    orjson: NaN, numbers beyond a double, lone surrogates, other encodings, deep nesting. The
    second reading: a name given twice, of which every reader believes another one (RFC 7493).
    About 7 µs together for a booking. A NUL is no text: names and ids with one end early elsewhere.
    """
    try:
        orjson.loads(body)
        json.loads(body, object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        detail = "the body is not JSON, or names something twice"
        raise Refused(problem(400, "http.not_json", detail=detail)) from None
    if ESCAPED_NUL in body.replace(ESCAPED_BACKSLASH, b""):
        raise Refused(problem(400, "http.not_text", detail="a text has no NUL"))


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise ValueError("a name is given twice")
    return held
