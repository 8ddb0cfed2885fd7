"""Examines a consignment's permits on a day: what is missing, what was seen, what to reserve."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_claims import Claim, Counts, Kind
from services.tracking.domain.consignment_fields import needs_approval
from services.tracking.domain.consignment_permits import (
    SUFFICES,
    Approval,
    Licence,
    Permits,
    Role,
)
from services.tracking.domain.manifest import Purpose
from services.tracking.domain.signatures import Seen

MISSING, EXPIRED = "licence.missing", "licence.expired"


@dataclass(frozen=True, slots=True)
class Findings:
    """What an examination found: versions seen, problems by field, grams to reserve."""

    seen: tuple[Seen, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()


class Examination:
    """Examines one consignment on one day. `fields` are those that the signature requires.

    Only what is required is reserved. A return reserves and requires nothing.
    """

    def __init__(
        self, held: Consignment, permits: Permits, *, day: date, hold_id: str, signer_id: str
    ) -> None:
        """Nothing is read but the arguments."""
        self._held = held
        self._permits = permits
        self._day = day
        self._hold_id = hold_id
        self._signer_id = signer_id
        self._grams = held.manifest.grams_by_code()
        self._problems: dict[str, str] = {}
        self._seen: dict[str, Seen] = {}
        self._claims: dict[str, Claim] = {}

    def findings(self, fields: Collection[str]) -> Findings:
        """Return what was found."""
        for party_id, role in roles(self._held):
            field_names = self._fields_about(party_id, role)
            self._examine_licences(
                party_id, role, fields=field_names, reserve=not field_names.isdisjoint(fields)
            )
        if self._held.purpose is Purpose.SHIPMENT:
            self._examine_plan(reserve="plan_line" in fields)
        if self._needs_approval():
            self._examine_approval(reserve="approval_in_force" in fields)
        return Findings(tuple(self._seen.values()), self._problems, self._new_claims())

    def _fields_about(self, party_id: str, role: Role) -> frozenset[str]:
        about = {"licences_of_all"}
        if party_id == self._signer_id:
            about.add("licence_of_signer")
        if role is Role.RECEIVER:
            about.add("licence_of_destination")
        return frozenset(about)

    def _examine_licences(
        self, party_id: str, role: Role, *, fields: frozenset[str], reserve: bool
    ) -> None:
        chosen: defaultdict[str, list[str]] = defaultdict(list)
        by_id: dict[str, Licence] = {}
        for code in self._grams:
            licence, problem = self._licence(party_id, role, code)
            if licence is None:
                for name in fields:
                    self._problems.setdefault(name, problem)
                continue
            chosen[licence.licence_id].append(code)
            by_id[licence.licence_id] = licence
        for licence_id, codes in chosen.items():
            licence = by_id[licence_id]
            self._note(party_id, licence_id, licence.revision)
            if reserve and licence.annual_g is not None:
                counts = Counts.CARRIED if role is Role.CARRIER else Counts.ACCEPTED
                key = f"licence/{licence_id}/{self._day.year}"
                self._claim(key, codes, limit_g=licence.annual_g, counts=counts)

    def _licence(self, party_id: str, role: Role, code: str) -> tuple[Licence | None, str]:
        fitting = [
            licence
            for licence in self._permits.licences
            if licence.party_id == party_id
            and licence.activity in SUFFICES[role]
            and code in licence.codes
        ]
        in_force = [licence for licence in fitting if licence.holds(self._day)]
        best = max(in_force, key=lambda each: (each.valid_to, each.licence_id), default=None)
        return best, EXPIRED if fitting else MISSING

    def _examine_plan(self, *, reserve: bool) -> None:
        consignor_id = self._held.manifest.consignor.party_id
        lines = {
            line.waste_code: line
            for line in self._permits.plan_lines
            if (line.consignor_id, line.year) == (consignor_id, self._day.year)
            and not line.withdrawn
        }
        for code in self._waste_codes():
            line = lines.get(code)
            if line is None:
                self._problems.setdefault("plan_line", "plan.missing")
                continue
            self._note(consignor_id, line.plan_line_id, line.revision)
            if reserve:
                self._claim(f"plan/{line.plan_line_id}", [code], limit_g=line.planned_g)

    def _examine_approval(self, *, reserve: bool) -> None:
        approval = self._permits.approval
        problem = self._approval_problem(approval)
        if approval is None or problem is not None:
            self._problems["approval_in_force"] = problem or "approval.missing"
            return
        self._note(approval.consignor_id, approval.approval_id, approval.revision)
        if reserve:
            key = f"approval/{approval.approval_id}"
            self._claim(key, self._waste_codes(), limit_g=approval.limit_g)

    def _approval_problem(self, approval: Approval | None) -> str | None:
        if approval is None:
            return "approval.missing"
        parties = (self._held.manifest.consignor.party_id, self._held.destination.party_id)
        if (approval.consignor_id, approval.receiver_id) != parties:
            return "approval.other_parties"
        if not set(self._waste_codes()) <= set(approval.codes):
            return "approval.other_waste"
        return None if approval.holds(self._day) else "approval.expired"

    def _needs_approval(self) -> bool:
        manifest = self._held.manifest
        return needs_approval(manifest.consignor, self._held.destination, manifest)

    def _waste_codes(self) -> list[str]:
        return sorted(self._held.manifest.waste_codes())

    def _note(self, party_id: str, permit_id: str, revision: int) -> None:
        self._seen.setdefault(permit_id, Seen(party_id, permit_id, revision))

    def _claim(
        self,
        key: str,
        codes: Iterable[str],
        *,
        limit_g: int,
        counts: Counts = Counts.ACCEPTED,
    ) -> None:
        named = tuple(codes)
        mass_g = sum(self._grams.get(code, 0) for code in named)
        self._claims[key] = Claim(
            Kind.GRAMS, key, self._hold_id, mass_g, limit_g, codes=named, counts=counts
        )

    def _new_claims(self) -> tuple[Claim, ...]:
        held_keys = {claim.key for claim in self._held.claims_of(Kind.GRAMS)}
        return tuple(claim for key, claim in self._claims.items() if key not in held_keys)


def examine(
    held: Consignment,
    permits: Permits,
    *,
    fields: Collection[str],
    day: date,
    hold_id: str,
    signer_id: str,
) -> Findings:
    """Examine a consignment's permits on a day, for a signature that requires `fields`."""
    examination = Examination(held, permits, day=day, hold_id=hold_id, signer_id=signer_id)
    return examination.findings(fields)


def roles(held: Consignment) -> tuple[tuple[str, Role], ...]:
    """Return the parties with their parts: of the carriers those that have it or will have it."""
    manifest = held.manifest
    carriers = manifest.carriers[max(held.taken - 1, 0) :]
    found = [(manifest.consignor.party_id, Role.CONSIGNOR)]
    found += [(carrier.carrier_id, Role.CARRIER) for carrier in carriers]
    found.append((held.destination.party_id, Role.RECEIVER))
    if manifest.broker is not None:
        found.append((manifest.broker.party_id, Role.BROKER))
    return tuple(dict.fromkeys(found))
