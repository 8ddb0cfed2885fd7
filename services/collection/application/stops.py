"""What a collector needs at the door: the only place where an address is shown."""

from dataclasses import dataclass
from datetime import timedelta

from services.collection.application.desk import Desk
from services.collection.application.members import present
from services.collection.application.residents import note_of
from services.collection.domain.pickup import Pickup
from services.collection.domain.states import State
from shared.kernel.errors import NotFound

# After a tour a collector may have to say what was meant; then the door is nobody's business.
SHOWN_AFTER_TOUR = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Stop:
    """A door: where, how to get in, whom to ask for. `None` was not said."""

    pickup_id: str
    address: str | None
    access: str | None
    contact_name: str | None
    note: str | None


def stop_of(pickup_id: str, collector_id: str, *, desk: Desk) -> Stop:
    """Return the stop for the collector who is assigned to it, else raise `NotFound`."""
    pickup = desk.pickups.get(pickup_id).state
    if not is_assigned(pickup, collector_id, desk=desk):
        raise NotFound("pickup.not_found", "there is no such thing")
    household = desk.households.get(pickup.booking.household_id).state
    persons = present(household, desk=desk)
    homes = [home for each in persons if (home := each.home(household.household_id))]
    return Stop(
        pickup_id,
        address=next((home.address for home in homes if home.address), None),
        access=next((home.access for home in homes if home.access), None),
        contact_name=next((p.contact.name for p in persons if p.contact.name), None),
        note=note_of(pickup, desk=desk),
    )


def is_assigned(pickup: Pickup, collector_id: str, *, desk: Desk) -> bool:
    """Say whether a collector is on the way to a pickup, or was until 4 h after the tour's end."""
    tour = pickup.tour
    if tour is None or pickup.state in (State.CANCELLED, State.LAPSED):
        return False
    is_over = desk.clock.now() >= tour.tour_ends_at + SHOWN_AFTER_TOUR
    return tour.collector_id == collector_id and not is_over
