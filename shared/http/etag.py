"""If-Match: a change says which version it is meant for (412 where it is another, 428 without)."""

import re
from typing import Annotated

from fastapi import Depends, Request

from shared.http.openapi import IF_MATCH, documented
from shared.kernel.errors import Rejected, Stale

# Weak ones too: a proxy that compresses weakens our ETags, and the version is still the version.
_FORM = re.compile(r'(?:W/)?"([0-9]{1,15})"')


async def if_match(request: Request) -> int | None:
    """Return the expected version, or None for `*` (any); raise where the header is missing."""
    header = request.headers.get("if-match")
    if header is None:
        raise Rejected("http.precondition_required", "an If-Match header is needed")
    if header.strip() == "*":
        return None
    found = _FORM.fullmatch(header.strip())
    if found is None:
        raise Stale("http.etag_unknown", "this ETag was never given")
    return int(found[1])


ExpectedVersion = Annotated[int | None, Depends(documented(if_match, needs=(IF_MATCH,)))]
