"""Consignments without a server: the desk over twins, its jobs, and the reaction of its events."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from services.tracking.adapters.consignment_announcements import announce_consignment
from services.tracking.adapters.exemptions import TableExemptions
from services.tracking.application import consignment_drafts as drafts
from services.tracking.application import consignment_jobs as jobs
from services.tracking.application import consignment_moves as moves
from services.tracking.application import consignment_receptions as receptions
from services.tracking.application import consignment_signatures as signatures
from services.tracking.application.consignment_claiming import sweep_claims
from services.tracking.application.consignment_desk import Actor, ConsignmentDesk
from services.tracking.application.consignment_drafts import Content
from services.tracking.application.consignment_errands import follow_errands
from services.tracking.application.consignment_legs import leg_verdicts
from services.tracking.application.consignment_moves import Case
from services.tracking.application.consignment_receptions import OnwardWish
from services.tracking.application.consignment_signatures import Pen
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_receiving import Onward
from services.tracking.domain.consignment_reception import Verdict
from services.tracking.domain.manifest import Party
from services.tracking.entrypoints.consignment_reactions import consignment_reaction
from services.tracking.entrypoints.consignment_views import consignment_view
from shared.contracts.codec import RawRecord, decode, wire_headers
from shared.kernel.aggregate import Answer, Request
from shared.kernel.clock import ManualClock
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.reactions import sequence_mark
from tests.unit.tracking.consignments import (
    BOXES,
    BROKER,
    FAR,
    NOW,
    OUTLET,
    RULES,
    SMELTER,
    SPARE,
    carrier,
    permits,
)
from tests.unit.tracking.pools import (
    FakeCodes,
    FakeRegistry,
    InMemoryConsignmentSearch,
    InMemoryGrams,
    InMemoryNumbers,
    InMemoryParties,
    InMemoryTrips,
)
from tests.unit.tracking.sealed_boxes import InMemoryContainers

CARRIERS = tuple(Party(f"carrier-{n}", "350102001001") for n in range(1, 6))
PARTIES = (OUTLET, SMELTER, SPARE, FAR, BROKER, *CARRIERS)
AGAIN = timedelta(minutes=3)


class Crash(BaseException):
    """The process ends here, as far as the code can tell."""


def request(scope, status=200):
    def render(stored):
        return Answer(status, consignment_view(stored).model_dump_json().encode())

    return Request(scope, f"body of {scope}", render)


class Depot:
    """`crash_at` names the label at which the next call ends; `signed_at` is on whoever signs."""

    def __init__(self, *, held=None, numbers=None):
        self.clock, self.lease_clock = ManualClock(NOW), ManualClock(NOW)
        self.consignments = InMemoryAggregates(
            kind="consignment", state_type=Consignment, announce=announce_consignment
        )
        self.search = InMemoryConsignmentSearch(self.consignments)
        self.containers = InMemoryContainers(*BOXES, clock=self.clock)
        self.trips = InMemoryTrips()
        self.numbers, self.grams = numbers or InMemoryNumbers(), InMemoryGrams()
        self.parties = InMemoryParties(*PARTIES, permits=held or permits())
        self.registry = FakeRegistry()
        self.crash_at = self.signed_at = None
        self._scopes, self._reacted = 0, 0
        self.desk = ConsignmentDesk(
            consignments=self.consignments,
            search=self.search,
            containers=self.containers,
            numbers=self.numbers,
            trips=self.trips,
            grams=self.grams,
            parties=self.parties,
            codes=FakeCodes(),
            rules=RULES,
            clock=self.clock,
            lease_clock=self.lease_clock,
            reached=self._reached,
            judges_leg=partial(leg_verdicts, exemptions=TableExemptions()),
        )

    def _reached(self, label):
        if label == self.crash_at:
            self.crash_at = None
            raise Crash(label)

    def asked(self, scope=None, status=200):
        self._scopes += 1
        return request(scope or f"request {self._scopes}", status)

    def content(self, *tags, **changed):
        plain = Content(
            receiver_id="smelter",
            tags=tags or tuple(item.tag for item in BOXES),
            carriers=(carrier(), carrier("carrier-2", hours=5)),
            origin_place="outlet-yard",
            destination_place="smelter-gate",
            expected_arrival_at=self.clock.now() + timedelta(hours=10),
            treatment_code="R4",
        )
        return replace(plain, **changed)

    def draft(self, consignment_id="c-1", *tags, by="outlet", trip="trip-1", **changed):
        self.search.ids.add(consignment_id)
        changed.setdefault("carriers", (carrier(trip_id=trip),))
        return drafts.draft_consignment(
            consignment_id,
            self.content(*tags, **changed),
            actor=Actor(by),
            desk=self.desk,
            request=self.asked(f"draft {consignment_id}", 201),
        )

    def seal(self, consignment_id="c-1", *, by="outlet", number=None, at=None, scope=None):
        return drafts.seal_consignment(
            consignment_id,
            number=number,
            sealed_at=at,
            actor=Actor(by),
            desk=self.desk,
            request=self.asked(scope),
        )

    def cancel(self, consignment_id="c-1", *, by="outlet", scope=None):
        return drafts.cancel_consignment(
            consignment_id, "not-needed", actor=Actor(by), desk=self.desk, request=self.asked(scope)
        )

    def pen(self, party_id, code=None):
        return Pen(party_id, f"place-of-{party_id}", code, self.signed_at)

    def sign(self, consignment_id="c-1", *, by="outlet", of=None, code=None, scope=None):
        return signatures.sign_consignment(
            consignment_id,
            self.pen(of or by, code),
            actor=Actor(by),
            desk=self.desk,
            request=self.asked(scope),
        )

    def take(self, consignment_id="c-1", *, by="carrier-1", scanned=None, scope=None):
        tags = self.consignments.get(consignment_id).state.manifest.tags
        return signatures.take_consignment(
            consignment_id,
            self.pen(by),
            tags if scanned is None else scanned,
            actor=Actor(by),
            desk=self.desk,
            request=self.asked(scope),
        )

    def case(self, consignment_id, by, scope=None):
        return Case(consignment_id, Actor(by), self.asked(scope))

    def arrive(self, consignment_id="c-1", *, by="carrier-1", scope=None):
        case = self.case(consignment_id, by, scope)
        return moves.report_arrival(case, "smelter-gate", at=None, desk=self.desk)

    def refuse_loading(self, consignment_id="c-1", *, by="carrier-1", scope=None):
        return moves.refuse_loading(self.case(consignment_id, by, scope), "label", desk=self.desk)

    def replace_carrier(self, consignment_id="c-1", *, by="outlet", leg=1, named=None, scope=None):
        case = self.case(consignment_id, by, scope)
        named = named or carrier("carrier-4", trip_id=f"trip-{consignment_id}")
        return moves.replace_carrier(case, leg, named, desk=self.desk)

    def break_down(self, consignment_id="c-1", *, by="carrier-1", scope=None):
        later = self.clock.now() + timedelta(hours=20)
        case = self.case(consignment_id, by, scope)
        other = carrier("carrier-3", trip_id=f"break-{consignment_id}")
        return moves.report_breakdown(case, "engine", other, expected_at=later, desk=self.desk)

    def approve(self, consignment_id="c-1", *, by="outlet", scope=None):
        return moves.approve_carrier(self.case(consignment_id, by, scope), desk=self.desk)

    def turn_back(self, consignment_id="c-1", *, by="outlet", scope=None):
        later = self.clock.now() + timedelta(hours=9)
        case = self.case(consignment_id, by, scope)
        return moves.turn_back(case, "not-wanted", expected_at=later, desk=self.desk)

    def find(self, consignment_id="c-1", *, by="carrier-1", scope=None):
        later = self.clock.now() + timedelta(hours=9)
        case = self.case(consignment_id, by, scope)
        return moves.report_found(case, expected_at=later, desk=self.desk)

    def lose(self, consignment_id="c-1", *, by="outlet", scope=None):
        return moves.declare_lost(self.case(consignment_id, by, scope), "report-1", desk=self.desk)

    def go_on_paper(self, consignment_id="c-1", *, by="outlet", scope=None):
        return moves.go_on_paper(self.case(consignment_id, by, scope), "down", desk=self.desk)

    def verdicts(self, consignment_id, refused=()):
        held = self.consignments.get(consignment_id).state
        return tuple(
            Verdict(
                item.tag,
                item.tag not in refused,
                item.net_g,
                "damaged" if item.tag in refused else None,
            )
            for item in held.manifest.containers
        )

    def receive(self, consignment_id="c-1", *refused, by="smelter", onward=None, scope=None):
        later = self.clock.now() + timedelta(days=1)
        back = OnwardWish(Onward("outlet-yard", later)) if refused else None
        return receptions.receive_consignment(
            self.case(consignment_id, by, scope),
            self.pen(by),
            self.verdicts(consignment_id, refused),
            onward=onward or back,
            desk=self.desk,
        )

    def give_receipt(self, consignment_id="c-1", *, by="outlet", scope=None):
        return receptions.receipt_for_return(
            self.case(consignment_id, by, scope),
            self.pen(by),
            self.verdicts(consignment_id),
            desk=self.desk,
        )

    def tell(self):
        return jobs.tell_registry(self.registry, desk=self.desk)

    def watch(self):
        return jobs.watch_deadlines(desk=self.desk)

    def react(self):
        """Apply what was announced and not yet read; the children are known from then on."""
        reacts = consignment_reaction(self.consignments, RULES)
        announced = self.consignments.announced
        events = []
        for sequence, envelope in enumerate(announced, start=1):
            headers = wire_headers(envelope.headers, sequence=sequence)
            place = (envelope.topic, 0, sequence - 1)
            event = decode(RawRecord(*place, envelope.key.encode(), envelope.value, headers))
            if reacts.handles(event.type):
                events.append(event)
        reacts.apply(events, sequence_mark(reacts.group, 1))
        self.search.ids |= {e.data.child.consignment_id for e in events if e.data.child}

    def follow(self):
        """What the worker does a second later."""
        return follow_errands(desk=self.desk)

    def heal(self):
        """What the worker does, some time later."""
        self.crash_at = None
        self.react()
        self.follow()
        self.lease_clock.advance(AGAIN)
        sweep_claims(desk=self.desk)

    def held(self, consignment_id="c-1"):
        return self.consignments.get(consignment_id).state

    def in_transit(self, consignment_id="c-1", *tags, trip="trip-1"):
        self.draft(consignment_id, *tags, trip=trip)
        self.seal(consignment_id)
        self.tell()
        self.sign(consignment_id)
        return self.take(consignment_id)

    def arrived(self, consignment_id="c-1", *tags, trip="trip-1"):
        self.in_transit(consignment_id, *tags, trip=trip)
        return self.arrive(consignment_id)
