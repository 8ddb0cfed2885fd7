"""What the API takes and gives of registers."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from services.tracking.domain.register import Format, Kind, Order, Progress, Register
from shared.contracts.topic import OpaqueId
from shared.http.body import Body, Day, View
from shared.kernel.aggregate import Stored

Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")]


class RegisterBody(Body):
    """A register of legal days in Asia/Shanghai, both included, of at most 366.

    `division_prefix` is where; a regulator's own area where it is not given. `with_bom`: the CSV
    begins with a byte order mark, as Excel needs it.
    """

    kind: Annotated[Kind, Field(strict=False)]
    format: Annotated[Format, Field(strict=False)] = Format.CSV
    first_day: Day
    last_day: Day
    division_prefix: Division | None = None
    place_id: OpaqueId | None = None
    with_bom: bool = False

    def order(self) -> Order:
        """Return what is asked for."""
        return Order(
            self.kind,
            self.format,
            self.first_day,
            self.last_day,
            division=self.division_prefix or "",
            place_id=self.place_id,
            with_bom=self.with_bom,
        )


class DownloadView(View):
    """A link to the file: it needs no token, and is good until `expires_at`."""

    href: str
    expires_at: datetime


class RegisterView(View):
    """A register and how far it is: queued → running → ready → expired, or failed.

    `why` is the code of a failure, `expires_at` when the file goes.
    """

    register_id: str
    kind: Kind
    format: Format
    first_day: date
    last_day: date
    division_prefix: str | None = None
    place_id: str | None = None
    with_bom: bool
    state: Progress
    asked_at: datetime
    rows: int | None = Field(default=None, description="without the header")
    size_bytes: int | None = None
    sha256: str | None = None
    ready_at: datetime | None = None
    expires_at: datetime | None = None
    why: str | None = None
    download: DownloadView | None = None


def queued_view(stored: Stored[Register]) -> RegisterView:
    """Return the view of a register that was just asked for."""
    return register_view(stored.state)


def register_view(
    register: Register, *, progress: Progress | None = None, download: DownloadView | None = None
) -> RegisterView:
    """Return the view of a register as it is, or as far as it is by now."""
    order, blob = register.order, register.blob
    return RegisterView(
        register_id=register.register_id,
        kind=order.kind,
        format=order.format,
        first_day=order.first_day,
        last_day=order.last_day,
        division_prefix=order.division or None,
        place_id=order.place_id,
        with_bom=order.with_bom,
        state=progress or register.progress,
        asked_at=register.asked_at,
        rows=register.rows,
        size_bytes=blob.size_bytes if blob else None,
        sha256=blob.sha256 if blob else None,
        ready_at=register.ready_at,
        expires_at=register.expires_at,
        why=register.why,
        download=download,
    )
