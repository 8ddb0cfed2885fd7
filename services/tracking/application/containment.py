"""Asking containers what of a pickup lies in them. Every question may be asked again.

The container is the one that decides, in its own document, and keeps its answer; the journal of the
pickup takes the answer over. Where a process dies in between, the event comes again, the question
is asked again, and the answer is the one that was given.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Protocol

from services.tracking.application.ports import Containers, Permits
from services.tracking.domain import container_custody as custody
from services.tracking.domain.container import Container
from services.tracking.domain.container_filling import (
    Answer,
    Classes,
    Offer,
    answer_of,
    consider,
    full_answer,
    past_answer,
)
from services.tracking.domain.container_grants import Grant, Grants
from services.tracking.domain.container_states import State
from services.tracking.domain.fill import Fill
from services.tracking.domain.following import Source
from services.tracking.domain.journal import Unloaded
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, NotFound


class Containment(Protocol):
    """What journals need of containers. Blocks; may raise `Unavailable`; may be repeated."""

    def ask(self, offers: Mapping[Source, Offer]) -> dict[Source, Answer]:
        """Return each container's answer."""

    def put_down(self, tags: Iterable[str], *, vehicle_id: str, unloaded: Unloaded) -> None:
        """Let containers that were on a vehicle be at the place where it unloaded."""


class Archive(Protocol):
    """Fills that are over."""

    def fill_with(self, tag: str, source_id: str) -> Fill | None:
        """Return the latest past fill of a container that has a deposit of a source."""

    def keep(self, fill: Fill) -> None:
        """Keep a fill; a repeat changes nothing."""


class ContainerWord:
    """`Containment` over the containers' documents."""

    def __init__(
        self, containers: Containers, archive: Archive, classes: Classes, *, permits: Permits
    ) -> None:
        """`containers` should refuse nothing for a backlog of events: facts come in."""
        self._containers = containers
        self._archive = archive
        self._classes = classes
        self._permits = permits

    def ask(self, offers: Mapping[Source, Offer]) -> dict[Source, Answer]:
        """Return each container's answer; a tag that nobody registered answers, too."""
        return {source: self._answer(source[0], offer) for source, offer in offers.items()}

    def put_down(self, tags: Iterable[str], *, vehicle_id: str, unloaded: Unloaded) -> None:
        """Move those that the vehicle had then; the others are elsewhere, by later facts."""
        act = partial(
            custody.put_down,
            vehicle=f"vehicle/{vehicle_id}",
            place=f"place/{unloaded.facility_id}",
            at=unloaded.at,
        )
        for tag in sorted(tags):
            held = self._containers.get(tag).state
            if act(held).state != held:
                self._containers.change(tag, act)

    def _answer(self, tag: str, offer: Offer) -> Answer:
        grants = self._grants(offer)
        try:
            held = self._containers.change(tag, partial(self._considered, offer, grants)).state
        except NotFound:
            held = self._noted(tag, offer, grants)
        return self._past(held, offer) or answer_of(held, offer) or full_answer(held, offer)

    def _grants(self, offer: Offer) -> Grants:
        """Return what the permits of the lots allow: they never change, so neither the answer."""
        found = {}
        for permit_id in {each.permit_id for each in offer.lots if each.permit_id is not None}:
            with suppress(NotFound):
                permit = self._permits.get(permit_id).state
                found[permit_id] = Grant(permit.tag, permit.grams_left, permit.issued_at)
        return found

    def _considered(
        self, offer: Offer, grants: Grants, container: Container
    ) -> Decision[Container]:
        """Let the container consider an offer, unless one of its past fills has the answer."""
        if self._past(container, offer) is not None:
            return Decision(container)
        return consider(container, offer, classes=self._classes, grants=grants)

    def _noted(self, tag: str, offer: Offer, grants: Grants) -> Container:
        """Return the document that a tag gets which nobody registered."""
        noted = consider(_unknown(tag, offer), offer, classes=self._classes)
        try:
            return self._containers.create(tag, Decision(noted.state)).state
        except Conflict:  # somebody else's lot named it, or it was registered, just now
            return self._containers.change(tag, partial(self._considered, offer, grants)).state

    def _past(self, container: Container, offer: Offer) -> Answer | None:
        if container.fill == 1:
            return None
        fill = self._archive.fill_with(container.tag, offer.source_id)
        deposit = fill.deposit_of(offer.source_id) if fill is not None else None
        if fill is None or deposit is None or not deposit.shares:
            return None
        return past_answer(container, offer, deposit, fill=fill.fill)


class NobodysWord:
    """`Containment` that asks nobody and moves nothing: for books that are only compared."""

    def ask(self, offers: Mapping[Source, Offer]) -> dict[Source, Answer]:
        """Answer that nobody knows the tag."""
        return {
            source: full_answer(_unknown(source[0], offer), offer)
            for source, offer in offers.items()
        }

    def put_down(self, tags: Iterable[str], *, vehicle_id: str, unloaded: Unloaded) -> None:
        """Move nothing."""


def _unknown(tag: str, offer: Offer) -> Container:
    return Container(
        tag=tag,
        container_type="unknown",
        material=None,
        waste_code=None,
        un_number=None,
        tare_g=0,
        limit_g=0,
        registered_at=offer.told_at,
        state=State.UNKNOWN,
    )
