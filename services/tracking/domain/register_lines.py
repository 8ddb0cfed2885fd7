"""What stands in the registers: lines made of the mass ledger's own postings, each exactly once.

A register looks at some accounts. Every entry that touches them gives a line for each account and
material, signed so that more is more: the lines' grams sum to the difference of these accounts'
balances over the period. So a correction, or the reversal of a mistake, is a line of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.tracking.domain.register import Kind
from shared.kernel.ledger import Entry, Unit, balances

GRAMS = "g"  # other measures (pieces of crates) are in no register
CONTAINER = "/container/"
QUARANTINE = "quarantine/"


@dataclass(frozen=True, slots=True)
class Concern:
    """Which accounts a register looks at, and whether it counts what they take or give."""

    prefixes: tuple[str, ...]
    sign: int

    def has(self, account: str) -> bool:
        """Say whether an account is one of them."""
        return account.startswith(self.prefixes)


# Households give (their accounts are negative), buyers and receivers take. A vehicle takes what is
# loaded and gives what is unloaded. Stock is what places hold at the end, not what moved.
CONCERNS: Mapping[Kind, Concern] = {
    Kind.INCOMING: Concern(("household/",), -1),
    Kind.OUTGOING: Concern(("delivered/", "party/"), 1),
    Kind.TRANSPORTED: Concern(("vehicle/", "quarantine/vehicle/"), 1),
    Kind.STOCK: Concern(("place/", "quarantine/place/"), 1),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What the entry's document says beside the entry. "" where it says nothing."""

    document_type: str
    document_id: str
    act: str = ""
    division: str = ""
    place_id: str = ""
    vehicle_id: str = ""
    note: str = ""
    counterparty_id: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a register. Ids, places and codes only: it names no person.

    `line_id` is unique over all registers of one kind. `waste_code` is set where the document froze
    it (a manifest); else it is that of the material on the day of `at`; so is `un_number`.
    """

    line_id: str
    at: datetime
    document_type: str
    document_id: str
    act: str
    material: str
    mass_g: int
    division: str = ""
    place_id: str = ""
    vehicle_id: str = ""
    from_holder: str = ""
    to_holder: str = ""
    note: str = ""
    counterparty_id: str = ""
    container_tags: tuple[str, ...] = ()
    in_quarantine: bool = False
    waste_code: str | None = None
    consignor_id: str = ""
    carrier_ids: tuple[str, ...] = ()
    receiver_id: str = ""
    sent_g: int | None = None
    received_g: int | None = None
    refused_g: int | None = None
    un_number: str | None = None
    carrier_id: str = ""
    verdict: str = ""
    sealed_at: datetime | None = None
    taken_over_at: datetime | None = None
    received_at: datetime | None = None
    owner_id: str = ""
    manifest_numbers: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[datetime, str]:
        """Where it stands: by time, then id."""
        return self.at, self.line_id


def lines_of(
    kind: Kind, entry: Entry, paper: Paper, *, at: datetime, concern: Concern | None = None
) -> Iterator[Line]:
    """Return an entry's lines in a register, by account and material; an even one has none.

    `concern`: other accounts than those that the register looks at by itself.
    """
    concern = concern or CONCERNS[kind]
    moved = balances([entry])
    for number, ((account, unit), amount) in enumerate(sorted(moved.items())):
        if not (amount and unit.measure == GRAMS and concern.has(account)):
            continue
        others = _counters(moved, unit, sign=-amount)
        holder = holder_of(account)
        sources, targets = (others, (account,)) if amount > 0 else ((account,), others)
        yield Line(
            line_id=f"{entry.id}/{number}",
            at=at,
            document_type=paper.document_type,
            document_id=paper.document_id,
            act=paper.act or entry.reason.partition(":")[0],
            material=unit.kind,
            mass_g=concern.sign * amount,
            division=paper.division,
            place_id=paper.place_id or _place_in((account, *others)),
            vehicle_id=paper.vehicle_id or _named(holder, "vehicle/"),
            from_holder=_holders(sources),
            to_holder=_holders(targets),
            note=paper.note,
            counterparty_id=paper.counterparty_id or _party_of(account),
            container_tags=_tags((account,) if tag_of(account) else others),
            in_quarantine=account.startswith(QUARANTINE),
        )


def holder_of(account: str) -> str:
    """Return who has what is on an account, in a container or in quarantine or not."""
    return account.removeprefix(QUARANTINE).partition(CONTAINER)[0]


def tag_of(account: str) -> str:
    """Return the container that an account is of, or ""."""
    return account.partition(CONTAINER)[2]


def place_of(account: str) -> str:
    """Return the place that has what is on an account, or ""."""
    return _named(holder_of(account), "place/")


def _counters(moved: Mapping[tuple[str, Unit], int], wanted: Unit, *, sign: int) -> tuple[str, ...]:
    """Return the accounts on the other side: of the same material, and of the sign of `sign`."""
    return tuple(
        account
        for (account, unit), amount in sorted(moved.items())
        if unit == wanted and amount * sign > 0
    )


def _holders(accounts: tuple[str, ...]) -> str:
    return " ".join(dict.fromkeys(holder_of(each) for each in accounts))


def _tags(accounts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for each in accounts if (tag := tag_of(each))))


def _place_in(accounts: tuple[str, ...]) -> str:
    return next((place for each in accounts if (place := place_of(each))), "")


def _party_of(account: str) -> str:
    holder = holder_of(account)
    return _named(holder, "delivered/") or _named(holder, "party/")


def _named(holder: str, prefix: str) -> str:
    return holder.removeprefix(prefix) if holder.startswith(prefix) else ""
