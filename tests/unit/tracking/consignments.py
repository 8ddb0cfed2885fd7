"""Manifests, parties and acts for the tests of consignments: pure, without any storage."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from services.tracking.adapters.sealing_rules import sealing_table
from services.tracking.domain import consignment_carrying as carrying
from services.tracking.domain import consignment_drafting as drafting
from services.tracking.domain import consignment_receiving as receiving
from services.tracking.domain import consignment_signing as signing_of
from services.tracking.domain.consignment import Arrival, Breakdown
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.consignment_examination import Findings
from services.tracking.domain.consignment_permits import (
    Activity,
    Approval,
    Licence,
    Permits,
    PlanLine,
)
from services.tracking.domain.consignment_receiving import Onward
from services.tracking.domain.consignment_reception import Reception, Verdict
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.manifest import Carrier, ContainerItem, Manifest, Party
from services.tracking.domain.signatures import Method, Signing
from shared.reference.working_days import ChinaWorkingDays

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
OUTLET = Party("outlet", "350102001001")
SMELTER = Party("smelter", "350203002002")
SPARE = Party("spare-smelter", "350203003003")
FAR = Party("far-smelter", "440304001001")
BROKER = Party("broker", "350102001001")
LEAD = "900-052-31"
NUMBER, CHILD_NUMBER = "20263501000001", "20263502000001"
ID = "c-1"
RULES = Rules(sealing_table(), ChinaWorkingDays())


def carrier(carrier_id="carrier-1", *, hours=1, trip_id="trip-1"):
    return Carrier(carrier_id, f"truck-of-{carrier_id}", trip_id, NOW + timedelta(hours=hours))


def box(tag="box-1", net_g=10_000, *, code=LEAD):
    return ContainerItem(
        tag=tag,
        material="lead-acid-batteries",
        waste_code=code,
        un_number="UN2794",
        net_g=net_g,
        packaging="box-60l",
        form="solid",
        traits=("T", "C"),
    )


BOXES = (box("box-1", 10_000), box("box-2", 7_000), box("box-3", 5_001))


def manifest(**changed):
    plain = Manifest(
        consignor=OUTLET,
        receiver=SMELTER,
        carriers=(carrier(), carrier("carrier-2", hours=5)),
        containers=BOXES,
        origin_place="outlet-yard",
        destination_place="smelter-gate",
        expected_arrival_at=NOW + timedelta(hours=10),
        treatment_code="R4",
    )
    return replace(plain, **changed)


def number_claim(number=NUMBER, *, hold_id=f"{ID}:1"):
    return Claim(Kind.NUMBER, number, hold_id)


def signed_by(party_id, *, at=NOW, place_id="somewhere", method=Method.TOKEN):
    return Signing(party_id, method, party_id, at, at, place_id)


def licence(party_id, activity, *, annual_g=None, codes=(LEAD,), **changed):
    made = Licence(
        licence_id=f"licence-{party_id}",
        party_id=party_id,
        activity=activity,
        codes=codes,
        annual_g=annual_g,
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
    )
    return replace(made, **changed)


def permits(**changed):
    parties = [
        licence("outlet", Activity.COLLECT),
        licence("smelter", Activity.TREAT, annual_g=1_000_000),
        licence("spare-smelter", Activity.TREAT),
        licence("far-smelter", Activity.TREAT),
        licence("broker", Activity.BROKER),
        *(licence(f"carrier-{n}", Activity.TRANSPORT) for n in range(1, 6)),
    ]
    plan = PlanLine("plan-1", "outlet", 2026, LEAD, planned_g=5_000_000)
    return Permits(**{"licences": tuple(parties), "plan_lines": (plan,), **changed})


def approval(**changed):
    made = Approval(
        approval_id="approval-1",
        consignor_id="outlet",
        receiver_id="far-smelter",
        codes=(LEAD,),
        limit_g=100_000,
        valid_from=date(2026, 6, 1),
        valid_to=date(2027, 5, 31),
    )
    return replace(made, **changed)


def verdicts(*refused, of=BOXES, off_g=0):
    return tuple(
        Verdict(
            item.tag,
            item.tag not in refused,
            item.net_g + off_g,
            "damaged" if item.tag in refused else None,
        )
        for item in of
    )


def reception(*refused, receiver_id="smelter", of=BOXES, at=None, off_g=0):
    when = at or NOW + timedelta(hours=10)
    return Reception(receiver_id, "smelter-gate", when, verdicts(*refused, of=of, off_g=off_g))


def back(**changed):
    plain = Onward("outlet-yard", NOW + timedelta(days=1))
    return replace(plain, **changed)


class Walk:
    """A consignment that is walked through its life, without storage; `state` is the present one.

    All events are in `events`, in order.
    """

    def __init__(self, held=None, *, rules=RULES):
        self.rules = rules
        self.events = []
        self.now = NOW
        self.held = held or drafting.draft(ID, manifest(), now=NOW).state

    def do(self, decision):
        self.held = decision.state
        self.events += decision.events
        return self

    def amend(self, **changed):
        content = replace(self.held.manifest, **changed)
        return self.do(drafting.amend(self.held, content, rules=self.rules, now=self.now))

    def seal(self, *claims):
        held_claims = claims or (
            number_claim(),
            *(Claim(Kind.CONTAINER, tag, f"{ID}:1") for tag in self.held.manifest.tags),
            *(Claim(Kind.TRIP, key, f"{ID}:1") for key in self.held.manifest.trip_keys()),
        )
        return self.do(drafting.seal(self.held, held_claims, sealed_at=self.now, rules=self.rules))

    def seal_as(self, number):
        return self.seal(number_claim(number))

    def registered(self):
        held = replace(self.held.registration, registered_at=self.now, told=self.held.taken)
        self.held = replace(self.held, registration=held)
        return self

    def sign(self, findings=None, **who):
        signing = signed_by(**{"party_id": "outlet", "at": self.now, **who})
        return self.do(
            signing_of.sign_as_consignor(
                self.held, signing, findings=findings or Findings(), rules=self.rules
            )
        )

    def take(self, carrier_id=None, *, findings=None, scanned=None, **who):
        following = self.held.next_carrier
        party_id = carrier_id or (following.carrier_id if following else "carrier-1")
        return self.do(
            signing_of.sign_as_carrier(
                self.held,
                signed_by(party_id, at=self.now, **who),
                scanned=self.held.manifest.tags if scanned is None else scanned,
                findings=findings or Findings(),
                rules=self.rules,
            )
        )

    def arrive(self, place_id="smelter-gate", **changed):
        current = self.held.current_carrier
        at = changed.get("at", self.now)
        arrival = Arrival(current.carrier_id if current else "carrier-1", place_id, at, self.now)
        return self.do(carrying.arrive(self.held, arrival, rules=self.rules))

    def receive(self, *refused, onward=None, claims=None, by=None, off_g=0):
        party_id = by or self.held.destination.party_id
        containers = self.held.manifest.containers
        made = reception(*refused, receiver_id=party_id, of=containers, at=self.now, off_g=off_g)
        partly = 0 < len(refused) < len(containers)
        default = (number_claim(CHILD_NUMBER, hold_id=f"{ID}:9"),) if partly else ()
        return self.do(
            receiving.receive(
                self.held,
                made,
                signed_by(party_id, at=self.now),
                onward=onward or (back() if refused else None),
                findings=Findings(),
                claims=default if claims is None else claims,
                rules=self.rules,
            )
        )

    def give_receipt(self, *refused, by=None):
        party_id = by or self.held.destination.party_id
        containers = self.held.manifest.containers
        made = reception(*refused, receiver_id=party_id, of=containers, at=self.now)
        return self.do(
            receiving.give_receipt(
                self.held,
                made,
                signed_by(party_id, at=self.now),
                findings=Findings(),
                rules=self.rules,
            )
        )

    def turn_back(self):
        later = self.now + timedelta(hours=9)
        decided = carrying.turn_back(
            self.held, "not-wanted", expected_at=later, rules=self.rules, now=self.now
        )
        return self.do(decided)

    def break_down(self, by=None, carrier_id="carrier-3"):
        current = self.held.current_carrier
        breakdown = Breakdown(
            by or (current.carrier_id if current else "carrier-1"),
            "engine",
            self.now,
            carrier(carrier_id, hours=12, trip_id="trip-3"),
            self.now + timedelta(hours=30),
        )
        return self.do(carrying.break_down(self.held, breakdown, rules=self.rules))

    def approve(self, *claims):
        decided = carrying.approve_carrier(self.held, claims=claims, rules=self.rules, now=self.now)
        return self.do(decided)

    def refuse_loading(self, carrier_id=None, reason="label"):
        following = self.held.next_carrier
        by = carrier_id or (following.carrier_id if following else "carrier-1")
        return self.do(
            carrying.refuse_loading(self.held, by, reason, rules=self.rules, now=self.now)
        )

    def replace_carrier(self, leg=1, by=None, claims=()):
        named = by or carrier("carrier-4", trip_id="trip-4")
        return self.do(
            carrying.replace_carrier(
                self.held, leg, named, claims=claims, rules=self.rules, now=self.now
            )
        )

    def cancel(self):
        return self.do(drafting.cancel(self.held, "not-needed", rules=self.rules, now=self.now))

    def in_transit(self):
        return self.seal().registered().sign().take()

    def arrived(self):
        return self.in_transit().arrive()
