"""Lines of registers are the ledger's postings, each once: they sum to what balances changed by."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.adapters.register_codes import TableWasteCodes
from services.tracking.adapters.register_places import shared_division
from services.tracking.domain.register import Kind
from services.tracking.domain.register_columns import COLUMNS, cells_of, columns_of
from services.tracking.domain.register_lines import (
    CONCERNS,
    Paper,
    holder_of,
    lines_of,
    place_of,
    tag_of,
)
from shared.kernel.ledger import Entry, Posting, Unit, balances
from tests.architecture.source_tree import ROOT
from tests.unit.tracking.builders import LEAD
from tests.unit.tracking.register_fakes import line

AT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
PAPER = Paper("pickup", "p-1", division="350102001001")
PAGE = (ROOT / "docs" / "registers.md").read_text(encoding="utf-8")
ACCOUNTS = (
    "household/350102001001",
    "vehicle/v-1",
    "vehicle/v-1/container/GL-1",
    "quarantine/vehicle/v-1",
    "place/hub",
    "place/hub/container/GL-1",
    "quarantine/place/hub",
    "delivered/mill-1",
    "party/smelter-1/container/GL-1",
    "difference/GL-1",
    "processing/hub",
    "loss/GL-1",
)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(ACCOUNTS),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(("cardboard", LEAD)),
        st.integers(1, 10**9),
    ),
    min_size=1,
    max_size=6,
)


def entry(moves, number=0):
    postings = [
        posting
        for source, target, material, mass_g in moves
        for posting in (
            Posting(source, -mass_g, Unit("g", material)),
            Posting(target, mass_g, Unit("g", material)),
        )
    ]
    return Entry(f"e-{number}", tuple(postings), "weighed:1", at=AT)


@given(st.lists(MOVES, min_size=1, max_size=8))
def test_lines_sum_to_the_difference_of_the_balances_concerned(histories):
    entries = [entry(moves, number) for number, moves in enumerate(histories)]
    for kind in Kind:
        concern = CONCERNS[kind]
        wanted = Counter()
        for (account, unit), amount in balances(entries).items():
            if account.startswith(concern.prefixes):
                wanted[unit.kind] += concern.sign * amount
        found, ids = Counter(), []
        for each in entries:
            for made in lines_of(kind, each, PAPER, at=AT):
                found[made.material] += made.mass_g
                ids.append(made.line_id)

        assert {k: g for k, g in found.items() if g} == {k: g for k, g in wanted.items() if g}
        assert len(ids) == len(set(ids))


def test_every_gram_is_in_one_register_of_those_that_it_touches():
    touched = {
        account: [kind for kind in Kind if CONCERNS[kind].has(account)] for account in ACCOUNTS
    }

    assert all(len(kinds) <= 1 for kinds in touched.values())
    assert touched["quarantine/place/hub"] == [Kind.STOCK]
    assert touched["party/smelter-1/container/GL-1"] == [Kind.OUTGOING]


def test_pieces_are_in_no_register_of_grams():
    pieces = Unit("pieces", "crate-60l")
    postings = (Posting("place/hub", -3, pieces), Posting("party/p-1", 3, pieces))

    for kind in Kind:
        assert list(lines_of(kind, Entry("e-1", postings, "issued", at=AT), PAPER, at=AT)) == []


def test_a_line_says_from_whom_to_whom_in_what():
    moves = [
        ("vehicle/v-1", "place/hub", "cardboard", 70),
        ("vehicle/v-1/container/GL-1", "place/hub/container/GL-1", LEAD, 500),
    ]
    loose, boxed = sorted(
        lines_of(Kind.TRANSPORTED, entry(moves), PAPER, at=AT), key=lambda each: -each.mass_g
    )

    assert (loose.mass_g, loose.from_holder, loose.to_holder) == (-70, "vehicle/v-1", "place/hub")
    assert (boxed.mass_g, boxed.container_tags, boxed.place_id) == (-500, ("GL-1",), "hub")
    assert (boxed.vehicle_id, boxed.act) == ("v-1", "weighed")


def test_what_was_taken_in_tells_its_containers():
    moves = [
        ("household/350102001001", "vehicle/v-1/container/GL-1", LEAD, 500),
        ("household/350102001001", "quarantine/vehicle/v-1", LEAD, 30),
    ]
    (taken_in,) = lines_of(Kind.INCOMING, entry(moves), PAPER, at=AT)

    assert (taken_in.mass_g, taken_in.container_tags) == (530, ("GL-1",))
    assert taken_in.to_holder == "vehicle/v-1"


def test_accounts_tell_holder_place_and_container():
    account = "place/hub/container/GL-1"

    assert (holder_of(account), place_of(account), tag_of(account)) == ("place/hub", "hub", "GL-1")
    assert (place_of("quarantine/place/hub"), place_of("vehicle/v"), tag_of("place/x")) == (
        "hub",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("codes", "shared"),
    [
        (["350102001001"], "350102001001"),
        (["350102001001", "350102001002"], "350102001"),
        (["350102001001", "350103001001"], "3501"),
        (["350102001001", "350203001001"], "35"),
        (["350102001001", "110101001001"], ""),
        ([], ""),
    ],
)
def test_a_place_lies_where_all_of_its_lots_come_from(codes, shared):
    assert shared_division(codes) == shared


@pytest.mark.parametrize(("day", "code"), [((2020, 12, 31), None), ((2026, 11, 24), "900-052-31")])
def test_a_line_carries_the_code_that_held_on_its_day(day, code):
    named = TableWasteCodes().named(LEAD, datetime(*day, tzinfo=UTC).date())

    assert named.waste_code == code if code else named.waste_code != "900-052-31"
    assert named.waste_class == (f"HW{code[-2:]}" if code else named.waste_class)


def test_a_manifests_own_code_is_not_looked_up_again():
    columns = columns_of(Kind.INCOMING)
    named = TableWasteCodes().named("cardboard", AT.date())
    cells = dict(
        zip(
            (each.name for each in columns),
            cells_of(line(waste_code="900-044-49"), named, columns),
            strict=True,
        )
    )

    assert (cells["waste_code"], cells["waste_class"]) == ("900-044-49", "HW49")


def test_columns_have_one_name_each_a_unit_where_they_count_and_a_place_on_the_page():
    names = [each.name for each in COLUMNS]

    assert len(names) == len(set(names))
    assert all(each.name.endswith("_g") for each in COLUMNS if each.type == "integer")
    for each in COLUMNS:
        kinds = [kind.value for kind in Kind if kind in each.kinds]
        told = "all" if len(kinds) == len(Kind) else ", ".join(kinds)
        assert f"| `{each.name}` | {each.type} | {told} | {each.meaning} |" in PAGE
