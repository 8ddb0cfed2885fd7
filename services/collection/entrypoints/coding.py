"""Codes go out with the answer, and are not stored with it: a repeat makes the same one again."""

from dataclasses import replace
from typing import Any, TypeVar

import orjson

from shared.kernel.aggregate import Answer, Stored

S = TypeVar("S")


def coded(stored: Stored[S], **code: str) -> Stored[S]:
    """Return what was stored, with the code in its answer."""
    if stored.answer is None:
        raise AssertionError("a keyed call stores its answer")
    body: dict[str, Any] = orjson.loads(stored.answer.body)
    return replace(stored, answer=Answer(stored.answer.status, orjson.dumps(body | code)))
