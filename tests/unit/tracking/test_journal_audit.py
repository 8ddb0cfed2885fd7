"""The audit of journals: the same by weigh-ins and unloadings alone, whatever containers say."""

from services.tracking.adapters.exemptions import TableExemptions
from services.tracking.adapters.mongo_journals import derived_of
from services.tracking.application.containment import NobodysWord
from services.tracking.application.exemptions import Judging
from services.tracking.domain.journal import Journal
from services.tracking.entrypoints.reactions import reaction
from shared.messaging.reactions import sequence_mark
from tests.unit.tracking.builders import (
    LEAD,
    PICKUP,
    SORTING,
    container,
    history,
    in_memory,
    in_order,
    lot,
    unloading,
)
from tests.unit.tracking.yard import Yard

CARDBOARD = lot("lot-2", 900)
EVENTS = [
    *history(
        (lot("lot-1", 700, material=LEAD, tag="GL-1"), CARDBOARD),
        (lot("lot-1", 650, material=LEAD, tag="GL-1"), CARDBOARD, lot("lot-3", 5)),
    ),
    unloading(),
]


def seen(journals):
    return derived_of(journals._document(PICKUP))


def audited(*events):
    journals = in_memory("journal", Journal)
    judging = Judging(TableExemptions(), SORTING)
    audit = reaction(journals, containment=NobodysWord(), judging=judging)
    audit.apply(in_order(*events), sequence_mark("tracking", 2))
    return seen(journals)


def test_a_second_set_of_books_says_the_same_where_containers_hold_lots():
    yard = Yard(container())
    yard.react(*in_order(*EVENTS))

    assert seen(yard.journals) == audited(*EVENTS)
    assert yard.container().content_g == 650


def test_the_order_of_topics_is_nothing_to_it():
    first, correction, unloaded = EVENTS

    assert audited(first, correction, unloaded) == audited(unloaded, first, correction)


def test_a_gram_a_place_and_a_lot_that_differ_are_seen():
    right = audited(*EVENTS)
    heavier = history(
        (lot("lot-1", 700, material=LEAD, tag="GL-1"), CARDBOARD),
        (lot("lot-1", 651, material=LEAD, tag="GL-1"), CARDBOARD, lot("lot-3", 5)),
    )

    assert audited(*heavier, EVENTS[2]) != right
    assert audited(*EVENTS[:2]) != right
    assert audited(*EVENTS[:2], unloading(PICKUP, facility_id="elsewhere")) != right
