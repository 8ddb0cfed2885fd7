"""Refuses a path or query that is no text, before anything reads it.

Servers and frameworks decode both leniently: bytes that are no UTF-8 become a replacement sign, so
that two targets name one thing; a NUL ends a text for some databases; an encoded slash makes two
parts of one id, and reaches a route that no proxy before it saw.
"""

from urllib.parse import unquote_to_bytes

from shared.http.asgi import Refused, Scope
from shared.http.problems import problem


def expect_text(scope: Scope) -> None:
    """Raise `Refused`: 400 for no UTF-8 or a NUL, 404 for a path with an encoded slash."""
    path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
    if b"%" in path and b"%2F" in path.upper():
        raise Refused(problem(404, "http.no_such_path", detail="an id has no slash"))
    if not (_is_text(path) and _is_text(scope["query_string"])):
        detail = "a path or query is UTF-8, without a NUL"
        raise Refused(problem(400, "http.not_text", detail=detail))


def _is_text(encoded: bytes) -> bool:
    raw = unquote_to_bytes(encoded) if b"%" in encoded else encoded
    if b"\0" in raw:
        return False
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
