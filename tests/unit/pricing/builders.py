"""Weigh-ins, price lists and what stands in for the world, for pricing's tests."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from services.pricing.adapters.announcements import announce
from services.pricing.application.handlers import settle_unpriced
from services.pricing.domain.price_book import PriceLine, PriceList, choose
from services.pricing.domain.settlement import Lot, Settlement, WeighIn
from services.pricing.entrypoints.reactions import reaction
from shared.contracts import pickup as contract
from shared.contracts.codec import RawRecord, decode, wire_headers
from shared.kernel.aggregate import Answer, Request
from shared.kernel.clock import ManualClock
from shared.kernel.events import Event
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.reactions import sequence_mark

COMMUNITY = "350102001001"
WEIGHED_AT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
NOW = WEIGHED_AT + timedelta(minutes=5)
PICKUP = "pickup-1"
HOUSEHOLD = "household-1"


def prices(price_list_id="list-1", area="3501", *, begins=-30, ends=None, **fen_per_kg):
    """A list from `begins` to before `ends`, in days from the weighing."""
    held = fen_per_kg or {"cardboard": 120}
    return PriceList(
        price_list_id=price_list_id,
        area_code=area,
        valid_from=WEIGHED_AT + timedelta(days=begins),
        valid_to=None if ends is None else WEIGHED_AT + timedelta(days=ends),
        lines=tuple(PriceLine(name, "A", price) for name, price in held.items()),
    )


def weigh_in(*masses_g, revision=1, material="cardboard", contamination_bp=0):
    lots = [
        Lot(f"lot-{number}", material, "A", mass_g, contamination_bp)
        for number, mass_g in enumerate(masses_g)
    ]
    return WeighIn(PICKUP, HOUSEHOLD, COMMUNITY, revision, tuple(lots), WEIGHED_AT)


def worth_fen(lots, fen_per_kg):
    """What the contract's words say a list of lots is worth; an oracle beside the code's."""
    total = 0
    for lot in lots:
        full = round(Fraction(lot.mass_g * fen_per_kg[lot.material], 1000))
        clean = Fraction(10_000 - lot.contamination_bp, 10_000)
        total += round(full * clean) if full > 0 else full
    return total


class FakePriceBook:
    def __init__(self, *lists):
        self.lists = list(lists)

    def for_community(self, community_code, at):
        return choose(self.lists, community_code, at)

    def of_area(self, area_code):
        return [held for held in self.lists if held.area_code == area_code]


class FakeSearch:
    def __init__(self, settlements, *pickup_ids):
        self.settlements = settlements
        self.pickup_ids = pickup_ids

    def unpriced(self, *, after_id, limit):
        held = self.settlements.get_many(sorted(self.pickup_ids)).values()
        return [each for each in held if each.state.waiting and each.id > after_id][:limit]


class Desk:
    """Pricing's reaction over the in-memory twin, fed by sequence."""

    def __init__(self, *lists):
        self.settlements = InMemoryAggregates(
            kind="settlement", state_type=Settlement, announce=announce
        )
        self.book = FakePriceBook(*lists)
        self.clock = ManualClock(NOW)
        self.search = FakeSearch(self.settlements, PICKUP)
        self._reaction = reaction(self.settlements, book=self.book, clock=self.clock)

    def react(self, *events):
        self._reaction.apply(events, sequence_mark("pricing", 1))

    def settle_unpriced(self):
        return settle_unpriced(
            settlements=self.settlements, search=self.search, book=self.book, clock=self.clock
        )

    def announced_sums(self):
        """Return the fen of all published events, by type."""
        sums = Counter()
        for event in published(self.settlements.announced):
            sums[type(event)] += event.amount_fen
        return sums

    @property
    def settlement(self):
        return self.settlements.get(PICKUP).state


def arrived(data, sequence):
    """The event of a payload, as the runner hands it over."""
    return Event(
        id=f"event-{sequence}",
        type=data.TYPE,
        subject=PICKUP,
        time=WEIGHED_AT,
        recorded_time=WEIGHED_AT,
        topic=contract.TOPIC.name,
        partition=3,
        offset=sequence - 1,
        sequence=sequence,
        key=COMMUNITY,
        traceparent=None,
        data=data,
    )


def lot(lot_id, mass_g, *, material="cardboard", contamination_bp=0):
    return contract.Lot(
        lot_id=lot_id,
        material=material,
        grade="A",
        mass_g=mass_g,
        contamination_bp=contamination_bp,
    )


def history(*revisions):
    """The events of one pickup: the first list of lots is weighed, the others correct it."""
    who = {"pickup_id": PICKUP, "household_id": HOUSEHOLD, "community_code": COMMUNITY}
    net_g = sum(each.mass_g for each in revisions[0])
    first = contract.PickupWeighed(
        **who,
        revision=1,
        vehicle_id="vehicle-1",
        collector_id="collector-1",
        scale_id="scale-1",
        gross_g=net_g,
        tare_g=0,
        net_g=net_g,
        lots=revisions[0],
        weighed_at=WEIGHED_AT,
    )
    corrections = [
        contract.PickupCorrected(
            **who,
            revision=number,
            vehicle_id="vehicle-1",
            lots_before=before,
            lots_after=after,
            weighed_at=WEIGHED_AT,
            corrected_at=NOW,
            reason="scale-misread",
        )
        for number, (before, after) in enumerate(pairwise(revisions), start=2)
    ]
    return [first, *corrections]


def request(scope="scope-1", body="body-1"):
    return Request(scope, body, lambda stored: Answer(200, f"{stored.version}".encode()))


def published(envelopes):
    """The payloads that a consumer would read."""
    return [
        decode(
            RawRecord(
                topic=each.topic,
                partition=each.partition,
                offset=0,
                key=each.key.encode(),
                value=each.value,
                headers=wire_headers(each.headers, sequence=1),
            )
        ).data
        for each in envelopes
    ]
