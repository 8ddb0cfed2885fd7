"""The two families of errors that the code raises on purpose; everything else is a bug.

`Rejected` is final: repeating the same request gives the same answer. `Unavailable` may recover.
Both carry a stable code, `<area>.<reason>`, that clients and dashboards may rely on.
"""

Fact = str | int | bool | tuple[str, ...] | None


class GreenloopError(Exception):
    """Base of both families: a stable `code`, words for people, and facts without personal data."""

    def __init__(self, code: str, message: str = "", **facts: Fact) -> None:
        """Keep `facts` free of submitted values that could name a person: they are shown."""
        super().__init__(message or code)
        self.code = code
        self.message = message or code
        self.facts = facts


class Rejected(GreenloopError):  # noqa: N818 - the family is named after the outcome
    """A rule or the input forbids it; never retried. The input was well understood."""


class Invalid(Rejected):
    """The input itself is malformed or impossible (HTTP 422)."""


class NotFound(Rejected):
    """The thing does not exist, or not for this caller (HTTP 404)."""


class Forbidden(Rejected):
    """The caller may not do this (HTTP 403)."""


class Conflict(Rejected):
    """The thing's present state forbids it (HTTP 409)."""


class Stale(Rejected):
    """The caller's version is not the present one (HTTP 412)."""


class Unavailable(GreenloopError):  # noqa: N818 - as above
    """No answer, or an unknown outcome: repeat with the same key (HTTP 503)."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        retry_after_s: int = 1,
        **facts: Fact,
    ) -> None:
        """`retry_after_s` is a hint to the caller, in whole seconds."""
        super().__init__(code, message, **facts)
        self.retry_after_s = retry_after_s
