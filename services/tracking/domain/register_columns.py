"""The columns of the registers, as data: names are stable and carry units; docs render them.

A column is added at the end, never renamed, moved or removed: authorities' own programs read them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.tracking.domain.register import Kind
from services.tracking.domain.register_lines import Line
from shared.kernel.clock import SHANGHAI

Cell = str | int | datetime | date | None


class Type(StrEnum):
    """What a column's cells are."""

    TEXT = "text"
    INTEGER = "integer"
    INSTANT = "instant"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Named:
    """What the code tables say of a material on a day."""

    name_zh: str
    waste_code: str
    waste_class: str
    is_hazardous: bool
    un_number: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, meaning, and the registers that have it."""

    name: str
    type: Type
    meaning: str
    cell: Callable[[Line, Named], Cell]
    kinds: frozenset[Kind] = frozenset(Kind)


def local(at: datetime | None) -> datetime | None:
    """Return an instant as Asia/Shanghai has it."""
    return None if at is None else at.astimezone(SHANGHAI)


MOVING = frozenset({Kind.INCOMING, Kind.OUTGOING, Kind.TRANSPORTED})
TEXT, INTEGER = Type.TEXT, Type.INTEGER

COLUMNS: tuple[Column, ...] = (
    Column(
        "line_id",
        TEXT,
        "unique in registers of one kind; a repeat is the same",
        lambda x, _: x.line_id,
    ),
    Column(
        "happened_at",
        Type.INSTANT,
        "Asia/Shanghai, when it happened; of stock the end of the period",
        lambda x, _: local(x.at),
    ),
    Column(
        "document_type",
        TEXT,
        "pickup, drive-visit, stock-movement, container or manifest",
        lambda x, _: x.document_type,
        MOVING,
    ),
    Column(
        "document_id",
        TEXT,
        "of the document; of a manifest its 14-digit number",
        lambda x, _: x.document_id,
        MOVING,
    ),
    Column("act", TEXT, "what happened: weighed, unloaded, deliver, …", lambda x, _: x.act, MOVING),
    Column(
        "division_code",
        TEXT,
        "of the community, else of the place; empty where neither is known",
        lambda x, _: x.division,
    ),
    Column("place_id", TEXT, "the place concerned", lambda x, _: x.place_id),
    Column("vehicle_id", TEXT, "the vehicle concerned", lambda x, _: x.vehicle_id, MOVING),
    Column("from_holder", TEXT, "who had it", lambda x, _: x.from_holder, MOVING),
    Column("to_holder", TEXT, "who has it then", lambda x, _: x.to_holder, MOVING),
    Column("material", TEXT, "code of the material", lambda x, _: x.material),
    Column("material_name_zh", TEXT, "its name in Chinese", lambda _, named: named.name_zh),
    Column(
        "waste_code",
        TEXT,
        "国家危险废物名录 entry that held on that day; empty where it has none",
        lambda x, named: named.waste_code if x.waste_code is None else x.waste_code,
    ),
    Column(
        "waste_class",
        TEXT,
        "HW class of the code",
        lambda x, named: named.waste_class if x.waste_code is None else waste_class(x.waste_code),
    ),
    Column(
        "is_hazardous",
        TEXT,
        "yes: kept apart, in a tagged container (batteries without an entry too); no",
        lambda _, named: "yes" if named.is_hazardous else "no",
    ),
    Column(
        "container_tags", TEXT, "tags, divided by spaces", lambda x, _: " ".join(x.container_tags)
    ),
    Column(
        "in_quarantine",
        TEXT,
        "yes: apart until a person decides; no",
        lambda x, _: "yes" if x.in_quarantine else "no",
        frozenset({Kind.STOCK, Kind.TRANSPORTED}),
    ),
    Column(
        "mass_g",
        INTEGER,
        "grams; negative takes back (a correction, a reversal), in transported: was unloaded",
        lambda x, _: x.mass_g,
    ),
    Column("delivery_note", TEXT, "its number", lambda x, _: x.note, frozenset({Kind.OUTGOING})),
    Column(
        "counterparty_id",
        TEXT,
        "buyer or receiver",
        lambda x, _: x.counterparty_id,
        frozenset({Kind.OUTGOING}),
    ),
    Column("consignor_id", TEXT, "移出人, of a manifest", lambda x, _: x.consignor_id, MOVING),
    Column(
        "carrier_ids",
        TEXT,
        "承运人 in order, of a manifest",
        lambda x, _: " ".join(x.carrier_ids),
        MOVING,
    ),
    Column("receiver_id", TEXT, "接受人, of a manifest", lambda x, _: x.receiver_id, MOVING),
    Column("sent_g", INTEGER, "grams sent, of a manifest", lambda x, _: x.sent_g, MOVING),
    Column(
        "received_g",
        INTEGER,
        "grams received, of a manifest",
        lambda x, _: x.received_g,
        MOVING,
    ),
    Column("refused_g", INTEGER, "grams refused, of a manifest", lambda x, _: x.refused_g, MOVING),
    Column(
        "un_number",
        TEXT,
        "UN number that held on that day; empty where it has none",
        lambda x, named: named.un_number if x.un_number is None else x.un_number,
    ),
    Column(
        "carrier_id", TEXT, "承运人 whose part of the way it was", lambda x, _: x.carrier_id, MOVING
    ),
    Column(
        "verdict",
        TEXT,
        "of a manifest: accepted, refused or returned; empty on the way",
        lambda x, _: x.verdict,
        MOVING,
    ),
    Column(
        "sealed_at",
        Type.INSTANT,
        "when the manifest was sealed",
        lambda x, _: local(x.sealed_at),
        MOVING,
    ),
    Column(
        "taken_over_at",
        Type.INSTANT,
        "when that carrier signed for the load",
        lambda x, _: local(x.taken_over_at),
        MOVING,
    ),
    Column(
        "received_at",
        Type.INSTANT,
        "when the receiver decided, or the consignor had it back",
        lambda x, _: local(x.received_at),
        MOVING,
    ),
    Column(
        "owner_id",
        TEXT,
        "whose it is: the party that operates the place; empty where nobody said",
        lambda x, _: x.owner_id,
        frozenset({Kind.STOCK}),
    ),
    Column(
        "manifest_numbers",
        TEXT,
        "by which it came in; of what lies loose, those of the newest 20 that were emptied there",
        lambda x, _: " ".join(x.manifest_numbers),
        frozenset({Kind.STOCK}),
    ),
)


def columns_of(kind: Kind) -> tuple[Column, ...]:
    """Return the columns of a register, in order."""
    return tuple(each for each in COLUMNS if kind in each.kinds)


def cells_of(line: Line, named: Named, columns: tuple[Column, ...]) -> list[Cell]:
    """Return a line's cells."""
    return [each.cell(line, named) for each in columns]


def waste_class(code: str) -> str:
    """Return the class of an entry of the catalogue: its last two digits; "" of none."""
    return f"HW{code[-2:]}" if code else ""
