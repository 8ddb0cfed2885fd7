"""The report's lines about manifests, their numbers, and the pool of crates with its deposits."""

from collections.abc import Iterator

from tools.report.books import Books, Json, Line

MANIFESTS, CRATES = "manifests", "crates"
ENDS = ("received", "returned", "cancelled", "void", "lost", "open")
GRAMS = ("accepted", "refused", "returned", "difference", "lost", "given_up", "open")
USES = ("used", "void", "returned", "free", "held")
PROMISED = ("drafted", "partly_refused", "returned", "cancelled")


def manifest_lines(books: Books) -> Iterator[Line]:
    """Return the lines of manifests: counts, children, grams, numbers, signatures, registry."""
    yield from _counts(books)
    yield from _grams(books)
    yield from _numbers(books)
    facts = books.facts("tracking")["manifests"]
    untold = int(facts["untold"])
    yield Line(
        MANIFESTS, "nothing to tell the national registry", (("untold", untold), ("zero", 0))
    )
    if books.tally_counts is not None:
        chains, valid = books.tallied("chains"), books.tallied("chains_valid")
        what = "chains of signatures: computed again = valid"
        yield Line(MANIFESTS, what, (("computed again", chains), ("valid", valid)))


def crate_lines(books: Books) -> Iterator[Line]:
    """Return the lines of crates: documents and ledger by type, each party's, and deposits."""
    facts = books.facts("tracking")
    for term in ("held", "lost"):
        said, ledger = facts[f"crates_{term}"], facts[f"crates_{term}_in_ledger"]
        for crate_type in sorted({*said, *ledger}):
            values = (
                ("parties", int(said.get(crate_type, 0))),
                ("ledger", int(ledger.get(crate_type, 0))),
            )
            yield Line(CRATES, f"{crate_type} {term}: parties = ledger", values)
    unbalanced = sum(map(abs, facts["crates_ledger_sum"].values()))
    yield Line(
        CRATES, "ledger of pieces sums to zero, type by type", (("off", unbalanced), ("zero", 0))
    )
    for party in books.parties:
        if party.issued:
            back = party.returned + party.held + party.lost
            yield Line(
                CRATES,
                f"{party.party_id}: issued = returned + out + lost",
                (("issued", party.issued), ("returned + out + lost", back)),
                f"returned {party.returned} + out {party.held} + lost {party.lost}",
            )
    yield from _deposits(books)


def _counts(books: Books) -> Iterator[Line]:
    facts = books.facts("tracking")
    counts, manifests = facts["consignments"], facts["manifests"]
    partly = int(manifests["partly_refused"])
    terms = {"received": int(counts["received"]) - partly, "partly_refused": partly}
    terms |= {term: int(counts[term]) for term in ENDS[1:]}
    yield Line(
        MANIFESTS,
        "drafted = received + partly refused + returned + cancelled + void + lost + open",
        (("drafted", int(counts["drafted"])), ("terms", sum(terms.values()))),
        _sum_of(terms),
    )
    if books.tally_counts is not None:
        kept = {**terms, "drafted": int(counts["drafted"])}
        for term in PROMISED:
            promised = books.tallied(f"manifests_{term}")
            values = (("promised", promised), ("kept", kept[term]))
            yield Line(MANIFESTS, f"{term.replace('_', ' ')}: promised = kept", values)
    children = int(manifests["children"])
    values = (("children", children), ("partial refusals", partly))
    yield Line(MANIFESTS, "child manifests = partial refusals", values)


def _grams(books: Books) -> Iterator[Line]:
    facts = books.facts("tracking")["manifests"]
    terms = {term: int(facts[f"{term}_g"]) for term in GRAMS}
    declared = [("sealed", int(facts["declared_g"])), ("terms", sum(terms.values()))]
    if books.tally_counts is not None:
        declared.append(("promised", books.tallied("manifests_declared_g")))
    yield Line(
        MANIFESTS,
        "grams sealed = accepted + refused + returned ± difference + lost + given up + open",
        tuple(declared),
        _sum_of(terms),
    )
    refused = int(facts["refused_declared_g"])
    values = (("refused", refused), ("children", int(facts["child_declared_g"])))
    yield Line(MANIFESTS, "grams refused = grams of child manifests, as declared", values)
    for term in ("accepted", "refused", "returned"):
        said = [("manifests", terms[term]), ("topic", books.seen_of_manifests.get(f"{term}_g", 0))]
        if books.tally_counts is not None:
            said.append(("promised", books.tallied(f"manifests_{term}_g")))
        yield Line(MANIFESTS, f"grams {term}: manifests = on the topic", tuple(said))
    for party in books.parties:
        if party.accepted_g:
            held = (("accepted", party.accepted_g), ("ledger", party.ledger_g))
            yield Line(MANIFESTS, f"grams with {party.party_id}: accepted = in the ledger", held)


def _numbers(books: Books) -> Iterator[Line]:
    facts = books.facts("tracking")
    numbers: Json = facts["numbers"]
    uses = {use: int(numbers[use]) for use in USES}
    yield Line(
        MANIFESTS,
        "numbers leased = used + void + returned + free + held",
        (
            ("given out", int(numbers["given"])),
            ("leased", int(numbers["leased"])),
            ("uses", sum(uses.values())),
        ),
        _sum_of(uses),
    )
    numbered = int(facts["manifests"]["numbered"])
    seen = books.seen_of_manifests.get("numbers", 0)
    values = (("numbered", numbered), ("different on the topic", seen))
    yield Line(MANIFESTS, "manifests with a number = different numbers", values)


def _deposits(books: Books) -> Iterator[Line]:
    facts = books.facts("pricing")
    for term in ("held", "forfeited"):
        said = [
            ("deposits", int(facts[f"deposits_{term}_fen"])),
            ("ledger", int(facts[f"deposits_{term}_in_ledger_fen"])),
        ]
        if books.tally_counts is not None:
            said.append(("promised", books.tallied(f"deposits_{term}_fen")))
        yield Line(CRATES, f"deposits {term}, in fen: parties = ledger", tuple(said))
    total = int(facts["deposits_ledger_sum_fen"])
    yield Line(CRATES, "ledger of deposits sums to zero", (("sum", total), ("zero", 0)))


def _sum_of(terms: dict[str, int]) -> str:
    return " + ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in terms.items())
