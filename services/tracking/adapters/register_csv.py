"""Registers as CSV (RFC 4180): UTF-8, CRLF, one header line; no cell is taken for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from services.tracking.domain.register import Order
from services.tracking.domain.register_columns import Cell, Column

BOM = "\ufeff".encode()
CHUNK_LETTERS = 64 * 1024
# A spreadsheet takes text that begins so for a formula, and runs it (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_sheet(
    order: Order, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]
) -> Iterator[bytes]:
    """Return the file in chunks. Whole numbers stay numbers, also negative ones."""
    if order.with_bom:
        yield BOM
    held = io.StringIO(newline="")
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow([each.name for each in columns])
    for row in rows:
        writer.writerow([_written(cell) for cell in row])
        if held.tell() >= CHUNK_LETTERS:
            yield _taken(held)
    yield _taken(held)


def neutral(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe stands before such."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _written(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return cell
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="milliseconds")
    return neutral(cell) if isinstance(cell, str) else cell.isoformat()


def _taken(held: io.StringIO) -> bytes:
    chunk = held.getvalue().encode()
    held.seek(0)
    held.truncate()
    return chunk
