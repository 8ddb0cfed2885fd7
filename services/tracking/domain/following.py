"""How a journal follows its lots: which containers it asks, and what their answers make of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.tracking.domain.container import OfferedLot
from services.tracking.domain.container_filling import Answer, Offer
from services.tracking.domain.journal import Journal, Ruling, TrackedLot, Weighed
from services.tracking.domain.quarantine import Way
from services.tracking.domain.tags import scanned
from shared.kernel.aggregate import Decision

NO_TAG = "tracking.unknown_tag"
Source = tuple[str, str]  # a container's tag, and the source of what it is asked for


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Grams of a hazardous lot came into quarantine (negative: were taken back)."""

    task_id: str
    pickup_id: str
    source: str
    community_code: str
    revision: int
    lot: TrackedLot
    mass_delta_g: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DifferenceBooked:
    """A correction came after the seal: lots and frozen content now differ by so much more."""

    tag: str
    pickup_id: str
    source: str
    community_code: str
    material: str
    mass_delta_g: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ResolutionRefused:
    """A person's resolution cannot be carried out: the container does not take the lot."""

    task_id: str
    number: int
    pickup_id: str
    source: str
    container_tag: str | None
    lot_id: str
    reason: str
    at: datetime


def offers(journal: Journal) -> dict[Source, Offer]:
    """Return what containers are to be asked: those named now, and those that hold any of it."""
    lots: dict[Source, list[OfferedLot]] = {(h.tag, h.source_id): [] for h in journal.held}
    moved: dict[str, datetime] = {}
    for task_id, lot in journal.keyed_lots():
        ruling = journal.ruling_of(task_id)
        source = _source(journal, task_id, lot, ruling)
        if source is not None:
            forced = ruling is not None and ruling.way is Way.ACCEPT
            lots.setdefault(source, []).append(_offered(lot, ruling, forced=forced))
            if ruling is not None and not forced:
                moved[task_id] = ruling.at
    return {source: _offer(journal, source, lots[source], moved) for source in sorted(lots)}


def settled(
    before: Journal,
    journal: Journal,
    answers: Mapping[Source, Answer],
    *,
    reason: str,
    at: datetime,
) -> Decision[Journal]:
    """Return the journal with each lot where it lies, posted, and the report of what changed.

    `answers` are those to `offers(journal)`, `at` is when what is followed happened. A ruling whose
    container does not take the lot is dropped, and reported.
    """
    weighed = _known(journal)
    verdicts = {
        source: iter(answers[source].misfits(offer)) for source, offer in offers(journal).items()
    }
    judged: list[TrackedLot] = []
    dropped: dict[Ruling, TrackedLot] = {}
    keyed = journal.keyed_lots()
    for lot in weighed.lots:
        if lot.hazardous:
            task_id, _ = next(keyed)
            ruling = journal.ruling_of(task_id)
            source = _source(journal, task_id, lot, ruling)
            misfit = next(verdicts[source]) if source is not None else NO_TAG
            placed = _judged(lot, ruling, tag=source[0] if source else None, misfit=misfit)
            judged.append(placed)
            if ruling is not None and placed.misfit is not None:
                dropped[ruling] = placed
        else:
            judged.append(lot)
    following = replace(
        journal.answered(answers.values()),
        weighed=replace(weighed, lots=tuple(judged)),
        rulings=tuple(each for each in journal.rulings if each not in dropped),
    ).posted(reason=reason, at=at)
    reports = (*_quarantines(before, following, at), *_refused(following, dropped, at))
    return Decision(following, (*reports, *_differences(before, following, at)))


def _source(
    journal: Journal, task_id: str, lot: TrackedLot, ruling: Ruling | None
) -> Source | None:
    """Return which container is to be asked for a lot, and as what; None: none is."""
    if ruling is not None and ruling.way is not Way.ACCEPT:
        to_container = ruling.way is Way.TO_CONTAINER and ruling.target is not None
        return (ruling.target or "", task_id) if to_container else None
    return (scanned(lot.container_tag), journal.pickup_id) if lot.container_tag else None


def _offer(
    journal: Journal, source: Source, lots: list[OfferedLot], moved: Mapping[str, datetime]
) -> Offer:
    weighed = _known(journal)
    _, source_id = source
    by_person = source_id != journal.pickup_id
    weighed_at = weighed.weighed_at or weighed.at
    return Offer(
        source_id=source_id,
        pickup_id=journal.pickup_id,
        source=journal.source,
        community_code=weighed.community_code,
        turn=journal.turn,
        lots=tuple(lots),
        holder=journal.holder if by_person else f"vehicle/{weighed.vehicle_id}",
        at=moved.get(source_id, weighed_at),
        told_at=moved.get(source_id, weighed.at),
        moved=by_person,
    )


def _offered(lot: TrackedLot, ruling: Ruling | None, *, forced: bool) -> OfferedLot:
    """A permit speaks for the lot where it was scanned: a person who moves it needs none."""
    offered = OfferedLot(
        lot.lot_id, lot.material, lot.mass_g, forced=forced, condition=lot.condition
    )
    if ruling is not None and not forced:
        return offered
    return replace(offered, fault=lot.fault, permit_id=lot.permit_id)


def _judged(
    lot: TrackedLot, ruling: Ruling | None, *, tag: str | None, misfit: str | None
) -> TrackedLot:
    """Return the lot where it lies: in a container, on a ruled account, with the load, or apart."""
    if tag is not None and misfit is None:
        return replace(lot, misfit=None, inside=tag, placed=None)
    if ruling is None or ruling.way is Way.TO_CONTAINER:
        return replace(lot, misfit=misfit, inside=None, placed=None)
    placed = f"place/{ruling.target}" if ruling.way is Way.TO_PLACE else None
    return replace(lot, misfit=None, inside=None, placed=placed)


def _quarantines(before: Journal, after: Journal, at: datetime) -> Iterator[Quarantined]:
    old, new = before.quarantined(), after.quarantined()
    weighed = _known(after)
    for task_id in sorted({*old, *new}):
        was, now = old.get(task_id), new.get(task_id)
        delta_g = (now.mass_g if now else 0) - (was.mass_g if was else 0)
        lot = now or was
        if lot is None or (delta_g == 0 and was and now and was.misfit == now.misfit):
            continue
        yield Quarantined(
            task_id=task_id,
            pickup_id=after.pickup_id,
            source=after.source,
            community_code=weighed.community_code,
            revision=weighed.revision,
            lot=lot,
            mass_delta_g=delta_g,
            at=at,
        )


def _refused(
    journal: Journal, dropped: Mapping[Ruling, TrackedLot], at: datetime
) -> Iterator[ResolutionRefused]:
    for ruling, lot in dropped.items():
        yield ResolutionRefused(
            task_id=ruling.task_id,
            number=ruling.number,
            pickup_id=journal.pickup_id,
            source=journal.source,
            container_tag=lot.container_tag,
            lot_id=lot.lot_id,
            reason=lot.misfit or NO_TAG,
            at=at,
        )


def _differences(before: Journal, after: Journal, at: datetime) -> Iterator[DifferenceBooked]:
    weighed = _known(after)
    old, new = before.differences(), after.differences()
    for tag, material in sorted({*old, *new}):
        delta_g = new[tag, material] - old[tag, material]
        if delta_g:
            yield DifferenceBooked(
                tag=tag,
                pickup_id=after.pickup_id,
                source=after.source,
                community_code=weighed.community_code,
                material=material,
                mass_delta_g=delta_g,
                at=at,
            )


def _known(journal: Journal) -> Weighed:
    assert journal.weighed is not None, "a journal follows lots that were weighed"
    return journal.weighed
