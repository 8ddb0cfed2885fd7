"""What tracking does about its own events: the child of a partial refusal, and what is learnt of
the content of containers while a consignment has them."""

from services.tracking.adapters.consignment_contents import child_of
from services.tracking.application.consignment_receptions import on_partly_refused
from services.tracking.domain.consignment import Consignment, Learnt, Parent
from services.tracking.domain.consignment_conditions import learn_condition
from services.tracking.domain.consignment_rules import Rules
from shared.contracts.consignment import ConsignmentReceived
from shared.contracts.container_life import ContainerConditionLearnt
from shared.kernel.aggregate import Decision
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import Effect, Reaction

GROUP = "tracking-consignments"


def consignment_reaction(consignments: Reacting[Consignment], rules: Rules) -> Reaction:
    """Return the reaction that makes children, each once, under the id that its parent named.

    It also tells a consignment what is learnt of its containers' content.
    """

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

    def learn(
        _id: str, held: Consignment | None, event: Event[ContainerConditionLearnt]
    ) -> Decision[Consignment] | None:
        learnt = Learnt(event.data.container_id, event.data.condition)
        return learn_condition(held, learnt, rules=rules, at=event.data.learnt_at)

    return Reaction(
        GROUP,
        {
            ConsignmentReceived: [Effect(consignments, _child, make)],
            ContainerConditionLearnt: [Effect(consignments, _holder, learn)],
        },
    )


def _holder(event: Event[ContainerConditionLearnt]) -> list[str]:
    return [event.data.consignment_id] if event.data.consignment_id else []


def _child(event: Event[ConsignmentReceived]) -> list[str]:
    return [event.data.child.consignment_id] if event.data.child else []
