"""The part of tracking's wiring that makes registers for the authority."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any

from fastapi import APIRouter
from pymongo.collection import Collection
from pymongo.database import Database

from services.tracking.adapters.announcements import announce
from services.tracking.adapters.mongo_registers import MongoRegisters
from services.tracking.adapters.register_codes import TableWasteCodes
from services.tracking.adapters.register_csv import csv_sheet
from services.tracking.adapters.register_entries import (
    EntryLines,
    container_book,
    journal_book,
    stock_book,
)
from services.tracking.adapters.register_manifests import ManifestLines, prepare_manifests
from services.tracking.adapters.register_origins import StockOrigins
from services.tracking.adapters.register_places import PlaceDivisions, prepare_places
from services.tracking.adapters.register_stock import StockLines
from services.tracking.application.placing import Map
from services.tracking.application.register_filing import Filing
from services.tracking.application.register_ports import (
    RegisterLines,
    RegisterRules,
    Registry,
)
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.place import Place
from services.tracking.domain.register import Format, Order, Register
from services.tracking.domain.register_columns import Cell, Column
from services.tracking.entrypoints.places import places_router
from services.tracking.entrypoints.registers import RegisterOffice, registers_router
from services.tracking.entrypoints.retention import retention_router
from services.tracking.settings import TrackingSettings
from shared.blobs.mongo_blobs import MongoBlobs
from shared.http.key_files import ensure_secret
from shared.http.signed_links import SignedLinks
from shared.kernel.clock import Clock, SystemClock
from shared.messaging.crash_points import reached
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.worker import Job
from shared.posting.mongo_balances import MongoBalances
from shared.posting.poster import Poster

Documents = dict[str, Any]
WORK_EVERY_S = 0.5
PURPOSE, LINK_CODE = "tracking.register-file", "registers.link"


class RegisterWiring:
    """Registers: their queue, sources, files and links, over the service's database."""

    def __init__(
        self, database: Database[Documents], settings: TrackingSettings, *, clock: Clock
    ) -> None:
        """Connects when first used; a key is read when the first link is made."""
        self._db = database
        self._settings = settings
        self._clock = clock
        registers = MongoAggregates(
            database["registers"], kind="register", state_type=Register, announce=announce
        )
        self.queue = MongoRegisters(registers, seats=settings.registers_at_once)
        self.places = MongoAggregates(
            database["places"], kind="place", state_type=Place, announce=announce
        )
        self._blobs = MongoBlobs(database["register_files"])

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        self.queue.prepare()
        self._blobs.prepare()
        prepare_places(self._db["journals"])
        prepare_manifests(self._db["consignments"])

    def registry(self, poster: Poster, rows: MongoBalances) -> Registry:
        """Return what commands and the job work with."""
        settings = self._settings
        rules = RegisterRules(
            rows_max=settings.register_rows_max,
            lease_s=settings.register_lease_s,
            file_hours=settings.register_file_hours,
        )
        return Registry(
            queue=self.queue,
            sources=self._sources(poster, rows),
            codes=TableWasteCodes(),
            sheets={Format.CSV: csv_sheet, Format.XLSX: _xlsx_sheet},
            blobs=self._blobs,
            clock=self._clock,
            real_clock=SystemClock(),
            rules=rules,
            reached=reached,
        )

    @cached_property
    def links(self) -> SignedLinks:
        """What signs links; development makes its secret when it is first asked for."""
        path = self._settings.link_key
        if path is None:
            path = self._settings.state_dir / "registers" / "link.key"
            ensure_secret(path)
        return SignedLinks.from_file(path, purpose=PURPOSE, code=LINK_CODE)

    def routers(self, registry: Registry, *, party: Callable[[str], object]) -> list[APIRouter]:
        """Return the routes of registers, of places, and of what is kept how long.

        `party` returns a known party.
        """
        office = RegisterOffice(registry, lambda: self.links, self._settings.register_link_s)
        return [
            registers_router(office),
            places_router(Map(self.places, self._clock, party)),
            retention_router(self._clock),
        ]

    def job(self, registry: Registry) -> Job:
        """Return the worker's job."""
        return Job("registers", WORK_EVERY_S, Filing(registry).work)

    def _sources(self, poster: Poster, rows: MongoBalances) -> list[RegisterLines]:
        def divisions() -> PlaceDivisions:
            return PlaceDivisions(self._db["places"], self._db["journals"])

        books = (
            journal_book(self._collection("journals")),
            stock_book(self._collection("stock_movements")),
            container_book(self._collection("container_movements")),
        )
        entries: list[RegisterLines] = [EntryLines(book, divisions) for book in books]
        consignments = MongoAggregates(
            self._collection("consignments"),
            kind="consignment",
            state_type=Consignment,
            announce=announce,
        )
        movements = self._collection("container_movements")
        stock = StockLines(
            rows,
            divisions,
            origins=partial(StockOrigins, movements, consignments),
            settle=poster.settle,
        )
        return [*entries, ManifestLines(movements, consignments), stock]

    def _collection(self, name: str) -> Collection[Documents]:
        return self._db[name]


def _xlsx_sheet(
    order: Order, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]
) -> Iterator[bytes]:
    from services.tracking.adapters.register_xlsx import xlsx_sheet

    return xlsx_sheet(order, columns, rows)
