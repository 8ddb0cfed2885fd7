"""Events of drives become contract models here, and nowhere else. No personal data passes."""

from datetime import datetime
from functools import singledispatch

from services.collection.adapters.announcements import SOURCE
from services.collection.adapters.lots import contract_lots
from services.collection.domain import drive_events as events
from services.collection.domain.drive import Drive
from services.collection.domain.totals import DriveTotals
from services.collection.domain.visit import Visit
from shared.contracts import drive as contract
from shared.contracts.codec import Envelope, encode
from shared.contracts.topic import Payload
from shared.observability.tracing import current


@singledispatch
def announce_drive(event: object) -> Envelope:
    """Return the envelope of a domain event, keyed by the site's community."""
    raise TypeError(f"no contract for {type(event).__name__}")


@announce_drive.register
def _(event: events.DriveAnnounced) -> Envelope:
    drive = event.drive
    payload = contract.DriveAnnounced(
        **_which(drive),
        site_kind=drive.site.kind,
        cell=drive.site.cell,
        window_start=drive.window_start,
        window_end=drive.window_end,
        materials=drive.terms.materials,
        collector_id=drive.collector_id,
        expected_households=drive.terms.expected_households,
        capacity=drive.terms.capacity,
        announced_at=event.at,
    )
    return _of_drive(payload, drive, at=event.at)


@announce_drive.register
def _(event: events.DriveReassigned) -> Envelope:
    payload = contract.DriveReassigned(
        **_which(event.drive),
        collector_id=event.drive.collector_id,
        reason=event.reason,
        reassigned_at=event.at,
    )
    return _of_drive(payload, event.drive, at=event.at)


@announce_drive.register
def _(event: events.DriveOpened) -> Envelope:
    payload = contract.DriveOpened(
        **_which(event.drive), collector_id=event.collector_id, opened_at=event.at
    )
    return _of_drive(payload, event.drive, at=event.at)


@announce_drive.register
def _(event: events.DriveClosed) -> Envelope:
    payload = contract.DriveClosed(**_totalled(event.drive), closed_at=event.at)
    return _of_drive(payload, event.drive, at=event.at)


@announce_drive.register
def _(event: events.DriveTotalsRevised) -> Envelope:
    payload = contract.DriveTotalsRevised(
        **_totalled(event.drive), state=event.drive.state.value, revised_at=event.at
    )
    return _of_drive(payload, event.drive, at=event.at)


@announce_drive.register
def _(event: events.DriveCancelled) -> Envelope:
    notice = event.drive.window_start - event.at
    payload = contract.DriveCancelled(
        **_which(event.drive),
        reason=event.reason,
        notice_s=max(0, int(notice.total_seconds())),
        cancelled_at=event.at,
    )
    return _of_drive(payload, event.drive, at=event.at)


@announce_drive.register
def _(event: events.DriveAborted) -> Envelope:
    payload = contract.DriveAborted(
        **_totalled(event.drive), reason=event.reason, aborted_at=event.at
    )
    return _of_drive(payload, event.drive, at=event.at)


@announce_drive.register
def _(event: events.DriveMissed) -> Envelope:
    payload = contract.DriveMissed(**_which(event.drive), missed_at=event.at)
    return _of_drive(payload, event.drive, at=event.at)


@announce_drive.register
def _(event: events.VisitWeighed) -> Envelope:
    visit, weighing = event.visit, event.visit.weighing
    payload = contract.VisitWeighed(
        **_visit(visit),
        revision=weighing.revision,
        vehicle_id=weighing.vehicle_id,
        collector_id=weighing.collector_id,
        scale_id=weighing.scale_id,
        gross_g=weighing.gross_g,
        tare_g=weighing.tare_g,
        net_g=weighing.net_g,
        lots=contract_lots(weighing.lots),
        weighed_at=weighing.weighed_at,
        recorded_at=weighing.recorded_at,
        flags=weighing.flags,
    )
    return _of_visit(payload, visit, at=weighing.weighed_at)


@announce_drive.register
def _(event: events.VisitCorrected) -> Envelope:
    visit, weighing = event.visit, event.visit.weighing
    payload = contract.VisitCorrected(
        **_visit(visit),
        revision=weighing.revision,
        vehicle_id=weighing.vehicle_id,
        lots_before=contract_lots(event.before),
        lots_after=contract_lots(weighing.lots),
        weighed_at=weighing.weighed_at,
        corrected_at=event.at,
        reason=event.reason,
    )
    return _of_visit(payload, visit, at=event.at)


def _which(drive: Drive) -> dict[str, str]:
    return {
        "drive_id": drive.drive_id,
        "site_id": drive.site.site_id,
        "community_code": drive.site.community_code,
    }


def _totalled(drive: Drive) -> dict[str, object]:
    return {**_which(drive), "totals": _totals(drive.totals), "revision": drive.revision}


def _totals(totals: DriveTotals) -> contract.DriveTotals:
    return contract.DriveTotals(
        visits=totals.visits,
        households=totals.households,
        anonymous=totals.anonymous,
        mass_g=totals.mass_g,
        lines=tuple(
            contract.TotalLine(
                material=line.material, grade=line.grade, mass_g=line.mass_g, lots=line.lots
            )
            for line in totals.lines
        ),
    )


def _visit(visit: Visit) -> dict[str, object]:
    return {
        "drive_id": visit.drive_id,
        "site_id": visit.site.site_id,
        "community_code": visit.site.community_code,
        "visit_id": visit.visit_id,
        "ticket": visit.ticket,
        "household_id": visit.household_id,
        "organisation_id": visit.first.visitor.organisation_id,
        "producer": visit.producer,
        "site_kind": visit.site.kind,
        "central_store": visit.site.central_store,
    }


def _of_drive(payload: Payload, drive: Drive, *, at: datetime) -> Envelope:
    return _keyed(payload, drive.site.community_code, subject=drive.drive_id, at=at)


def _of_visit(payload: Payload, visit: Visit, *, at: datetime) -> Envelope:
    return _keyed(payload, visit.site.community_code, subject=visit.visit_id, at=at)


def _keyed(payload: Payload, community_code: str, *, subject: str, at: datetime) -> Envelope:
    return encode(
        payload,
        key=community_code,
        subject=subject,
        time=at,
        source=SOURCE,
        traceparent=current(),
    )
