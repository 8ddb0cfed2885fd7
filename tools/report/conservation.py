"""The lines of the report, each an equation that holds or does not. Pure: books in, lines out."""

from collections.abc import Iterator

from tools.report.books import Books, Line
from tools.report.manifests import crate_lines, manifest_lines

TERMS = ("open", "collected", "cancelled", "missed", "failed")
DRIVE_TERMS = ("ahead", "running", "held", "aborted", "cancelled", "missed")
MASS_TERMS = (
    "in_stock",
    "in_transit",
    "delivered",
    "returned",
    "quarantine",
    "difference",
    "loss",
    "processed",
)


def lines(books: Books) -> list[Line]:
    """Return all lines of the report."""
    people = [*_series(books), *_persons(books)]
    return [
        *(*_counts(books), *_drives(books), *people),
        *(*manifest_lines(books), *crate_lines(books)),
        *(*_grams(books), *_fen(books), *_events(books)),
    ]


def _counts(books: Books) -> Iterator[Line]:
    facts = books.facts("collection")["counts"]
    terms = {term: int(facts.get(term, 0)) for term in TERMS}
    shown = " + ".join(f"{name} {value}" for name, value in terms.items())
    yield Line(
        "counts",
        "booked = open + collected + cancelled + missed + failed",
        (("booked", int(facts["booked"])), ("terms", sum(terms.values()))),
        shown,
    )
    if books.tally_counts is None:
        return
    for term in ("booked", "collected", "cancelled", "missed", "failed"):
        promised = int(books.tally_counts.get(term, 0))
        held = int(facts["booked"]) if term == "booked" else terms[term]
        yield Line("counts", f"{term}: promised = kept", (("promised", promised), ("kept", held)))
    settled = int(books.facts("pricing")["settlements"])
    visits = int(books.facts("collection")["drives"]["visits"])
    yield Line(
        "counts",
        "collected and visits = settled = in the mass ledger",
        (
            ("collected and visits", terms["collected"] + visits),
            ("settlements", settled),
            ("journals", int(books.facts("tracking")["journals"])),
        ),
    )


def _drives(books: Books) -> Iterator[Line]:
    facts = books.facts("collection")["drives"]
    counts = facts["drives"]
    terms = {term: int(counts.get(term, 0)) for term in DRIVE_TERMS}
    yield Line(
        "drives",
        "planned = ahead + running + held + aborted + cancelled + missed",
        (("planned", int(counts["planned"])), ("terms", sum(terms.values()))),
        " + ".join(f"{name} {value}" for name, value in terms.items()),
    )
    yield Line(
        "drives",
        "grams: totals of those that ended = their visits' lots",
        (("totals", int(facts["totals_g"])), ("lots", int(facts["lots_g"]))),
    )
    if books.tally_counts is None:
        return
    for what, held in (("drives", int(counts["planned"])), ("visits", int(facts["visits"]))):
        promised = int(books.tally_counts.get(what, 0))
        yield Line("drives", f"{what}: promised = kept", (("promised", promised), ("kept", held)))
    cards, known = books.tallied("cards"), books.tallied("cards_known")
    yield Line("drives", "QR cards: shown = recognised", (("shown", cards), ("recognised", known)))
    yield Line(
        "drives",
        "sites on the campaigns' public boards",
        (("promised", books.tallied("board_sites")), ("shown", books.board_sites)),
    )


def _series(books: Books) -> Iterator[Line]:
    if books.tally_counts is None:
        return
    begun, stand = books.tallied("series"), books.tallied("series_stand")
    yield Line(
        "series",
        "days of series that stand: promised = told",
        (("promised", stand), ("told", books.tallied("series_told"))),
        f"of {begun} series; the others' day was skipped, paused or cancelled",
    )


def _persons(books: Books) -> Iterator[Line]:
    """Compare what erasures promise; who is looked for was named to itself before."""
    steps = ("erasures", "named_before", "erased", "gone")
    if books.tally_counts is not None:
        values = tuple((name.replace("_", " "), books.tallied(name)) for name in steps)
        yield Line("persons", "erasures asked for = done = answered as gone", values)
    yield Line(
        "persons",
        "erased persons named anywhere",
        (
            ("topics", books.named_on_topics),
            ("answers", books.tallied("named_in_answers")),
            ("logs", books.named_in_logs),
            ("zero", 0),
        ),
        f"{books.records_read:,} records, {books.tallied('answers_read')} answers, all logs",
    )


def _grams(books: Books) -> Iterator[Line]:
    collected = books.facts("collection")["collected_g"]
    tracked = books.facts("tracking")["by_material"]
    volumes = books.facts("volumes")["by_material"]
    materials = sorted({*collected, *tracked, *volumes, *books.tally_mass_g})
    for material in materials:
        ledger = tracked.get(material, {})
        terms = {term: int(ledger.get(term, 0)) for term in MASS_TERMS}
        values = [
            ("scale", int(collected.get(material, 0))),
            ("ledger", int(ledger.get("collected", 0))),
            ("terms", sum(terms.values())),
            ("volumes", int(volumes.get(material, 0))),
            ("company", int(books.company_volume_g.get(material, 0))),
        ]
        if books.tally_counts is not None:
            values.append(("promised", int(books.tally_mass_g.get(material, 0))))
        shown = ", ".join(f"{name.replace('_', ' ')} {g:,}" for name, g in terms.items() if g)
        yield Line("grams", material, tuple(values), shown)
    total = int(books.facts("tracking")["ledger_sum_g"])
    yield Line("grams", "mass ledger sums to zero", (("sum", total), ("zero", 0)))
    yield from _kept(books)


def _kept(books: Books) -> Iterator[Line]:
    """Compare what containers and quarantine tasks say they hold with what the ledger has there."""
    facts = books.facts("tracking")
    ledger = facts["ledger_in_containers_g"]
    containers, tasks = facts["containers_hold_g"], facts["tasks_hold_g"]
    for material in sorted({*containers, *ledger}):
        said = (("containers", int(containers.get(material, 0))),)
        held = (("ledger", int(ledger.get(material, 0))),)
        yield Line("grams", f"{material} in containers", (*said, *held))
    quarantine = {name: int(g["quarantine"]) for name, g in facts["by_material"].items()}
    for material in sorted({*tasks, *(name for name, g in quarantine.items() if g)}):
        said = (("tasks", int(tasks.get(material, 0))),)
        held = (("ledger", quarantine.get(material, 0)),)
        yield Line("grams", f"{material} in quarantine", (*said, *held))


def _fen(books: Books) -> Iterator[Line]:
    facts = books.facts("pricing")
    yield Line(
        "fen", "money ledger sums to zero", (("sum", int(facts["ledger_sum_fen"])), ("zero", 0))
    )
    paid, pending = int(facts["paid_fen"]), int(facts["pending_fen"])
    yield Line(
        "fen",
        "settled = paid + pending",
        (("settled", int(facts["settled_fen"])), ("paid + pending", paid + pending)),
        f"paid {paid:,} + pending {pending:,}; reversed {int(facts['reversed_fen']):,}",
    )
    yield Line("fen", "nothing is unpriced", (("unpriced", int(facts["unpriced"])), ("zero", 0)))


def _events(books: Books) -> Iterator[Line]:
    accepted = sum(int(book["accepted"]) for book in books.services.values())
    named = sum(sum(book["published"].values()) for book in books.services.values())
    pending = sum(int(book["pending"]) for book in books.services.values())
    yield Line(
        "events",
        "accepted = numbered = on the topics",
        (("accepted", accepted), ("numbered", named), ("on topics", sum(books.topics.values()))),
    )
    yield Line("events", "nothing pending", (("pending", pending), ("zero", 0)))
    duplicates = books.duplicates
    for group, topic, applied, dropped in _applied(books):
        duplicates += dropped
        yield Line(
            "events",
            f"{group} applied {topic}",
            (("applied", applied), ("on topic", int(books.topics.get(topic, 0)))),
        )
    yield Line("events", "no gap seen by a consumer", (("gaps", books.gaps), ("zero", 0)))
    letters = sum(sum(book["dead_letters"].values()) for book in books.services.values())
    yield Line(
        "events",
        "no dead letters",
        (("dead letters", letters), ("zero", 0)),
        f"duplicates dropped {duplicates}",
    )


def _applied(books: Books) -> Iterator[tuple[str, str, int, int]]:
    for _, book in sorted(books.services.items()):
        sums: dict[tuple[str, str], list[int]] = {}
        for cursor in book["applied"]:
            held = sums.setdefault((cursor["group"], cursor["topic"]), [0, 0])
            held[0] += int(cursor["last_sequence"])
            held[1] += int(cursor["duplicates"])
        for (group, topic), (applied, dropped) in sorted(sums.items()):
            yield group, topic, applied, dropped
