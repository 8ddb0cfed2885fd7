"""The trade's exception codes (domain facts), each with its rule. Data: a city may change them."""

from dataclasses import dataclass

from shared.kernel.errors import Invalid

RESIDENT, COLLECTOR, OPERATOR = "resident", "collector", "operator"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a code that a crew logs.

    `ends_visit`: nothing was collected, the pickup failed; else it is a remark beside a weigh-in.
    `rebooked`: the city books the next free slot, because it was not the household's doing.
    `told`: who gets a notice. A crew that logged a reason closes the missed report, but where
    `missed_report` says that the household may still claim it.
    """

    code: str
    ends_visit: bool
    rebooked: bool
    told: tuple[str, ...]
    missed_report: bool = False


OUTCOMES = {
    outcome.code: outcome
    for outcome in (
        Outcome("no_access", ends_visit=True, rebooked=False, told=(RESIDENT,)),
        Outcome("not_out", ends_visit=True, rebooked=False, told=(RESIDENT,)),
        Outcome("contaminated", ends_visit=True, rebooked=False, told=(RESIDENT,)),
        Outcome("overloaded", ends_visit=True, rebooked=True, told=(RESIDENT, OPERATOR)),
        Outcome("damaged", ends_visit=True, rebooked=False, told=(RESIDENT, OPERATOR)),
        Outcome("safety", ends_visit=True, rebooked=False, told=(RESIDENT, OPERATOR)),
        Outcome(
            "delay", ends_visit=True, rebooked=True, told=(RESIDENT, OPERATOR), missed_report=True
        ),
        Outcome("extra_item", ends_visit=False, rebooked=False, told=(RESIDENT,)),
        Outcome("weight_dispute", ends_visit=False, rebooked=False, told=(OPERATOR,)),
    )
}


def outcome_named(code: str) -> Outcome:
    """Return the outcome of a code, or raise `Invalid` (collection.outcome)."""
    found = OUTCOMES.get(code)
    if found is None:
        raise Invalid("collection.outcome", "this outcome is not one of the trade's codes")
    return found
