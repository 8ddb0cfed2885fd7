"""Registers as XLSX: typed cells, written row by row, the same bytes for the same rows.

openpyxl and zip write the present time into a file; here all such times are one that never changes.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.writer.excel import ExcelWriter

from services.tracking.domain.register import Order
from services.tracking.domain.register_columns import Cell, Column

CHUNK_BYTES = 256 * 1024
THEN = datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no zones
ZIPPED_AT = (2000, 1, 1, 0, 0, 0)
INSTANT_FORMAT = "yyyy-mm-dd hh:mm:ss"


class _TimelessZip(ZipFile):
    """A zip whose entries all have one time."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:  # noqa: ANN401
        """Add an entry from memory; the signature is ZipFile's."""
        super().writestr(_entry(str(zinfo_or_arcname)), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:  # noqa: ANN401
        """Add an entry from a file, in chunks; the signature is ZipFile's."""
        with Path(filename).open("rb") as source, self.open(_entry(str(arcname)), "w") as target:
            shutil.copyfileobj(source, target, CHUNK_BYTES)


def xlsx_sheet(
    order: Order, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]
) -> Iterator[bytes]:
    """Return the file in chunks; it is made on disk first, since a zip is closed at its end."""
    with TemporaryDirectory(prefix="greenloop-register-") as folder:
        path = Path(folder) / "register.xlsx"
        _write(path, order, columns, rows)
        with path.open("rb") as made:
            while chunk := made.read(CHUNK_BYTES):
                yield chunk


def _write(
    path: Path, order: Order, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]
) -> None:
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = THEN
    sheet = book.create_sheet(order.kind.value)
    sheet.freeze_panes = "A2"
    try:
        sheet.append([_text(sheet, each.name) for each in columns])
        for row in rows:
            sheet.append([_cell(sheet, cell) for cell in row])
        with _TimelessZip(path, "w", ZIP_DEFLATED, allowZip64=True) as archive:
            ExcelWriter(book, archive).write_data()
    except BaseException:
        sheet.close()
        sheet._writer.cleanup()  # else its file stays until the process ends
        raise


def _cell(sheet: Any, cell: Cell) -> Any:  # noqa: ANN401 - openpyxl's own cells
    """Return a typed cell: text is text, whatever it begins with, and is never calculated."""
    if isinstance(cell, str):
        return _text(sheet, cell) if cell else None
    if isinstance(cell, datetime):
        shown = WriteOnlyCell(sheet, value=cell.replace(tzinfo=None))
        shown.number_format = INSTANT_FORMAT
        return shown
    return cell


def _text(sheet: Any, text: str) -> Any:  # noqa: ANN401 - as above
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, date_time=ZIPPED_AT)
    entry.compress_type = ZIP_DEFLATED
    return entry
