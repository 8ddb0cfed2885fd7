"""What tracking does about its own consignments' events: the child of a partial refusal."""

from services.tracking.adapters.consignment_contents import child_of
from services.tracking.application.consignment_receptions import on_partly_refused
from services.tracking.domain.consignment import Consignment, Parent
from services.tracking.domain.consignment_rules import Rules
from shared.contracts.consignment import ConsignmentReceived
from shared.kernel.aggregate import Decision
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import Effect, Reaction

GROUP = "tracking-consignments"


def consignment_reaction(consignments: Reacting[Consignment], rules: Rules) -> Reaction:
    """Return the reaction that makes children, each once, under the id that its parent named."""

    def make(
        _id: str, held: Consignment | None, event: Event[ConsignmentReceived]
    ) -> Decision[Consignment] | None:
        data = event.data
        if data.child is None:
            return None
        return on_partly_refused(
            held,
            child_of(data.child),
            Parent(data.consignment_id, data.number),
            reception_at=data.received_at,
            rules=rules,
        )

    return Reaction(GROUP, {ConsignmentReceived: [Effect(consignments, _child, make)]})


def _child(event: Event[ConsignmentReceived]) -> list[str]:
    return [event.data.child.consignment_id] if event.data.child else []
