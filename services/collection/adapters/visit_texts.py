"""What households are told of their visits to drives, and the facts that it names."""

from collections.abc import Mapping

from services.collection.adapters.wording import day_in, instant_in, kilograms, marked
from services.collection.domain.notices import Kind
from services.collection.domain.visit import DISPUTED_WITHIN, Visit
from shared.kernel.clock import legal_day

TEMPLATES: Mapping[str, tuple[str, str]] = {
    Kind.VISIT_WEIGHED: (
        marked("What was weighed at the recycling drive"),
        marked(
            "%(mass)s kg were weighed for you at the recycling drive on %(day)s. If this is not "
            "right, please dispute it in the app until %(until)s."
        ),
    ),
    Kind.VISIT_UPHELD: (
        marked("Your dispute is decided"),
        marked(
            "What was weighed for you at the recycling drive on %(day)s was checked and stands: "
            "%(mass)s kg."
        ),
    ),
    Kind.VISIT_CORRECTED: (
        marked("What was weighed is corrected"),
        marked(
            "What was weighed for you at the recycling drive on %(day)s was checked and "
            "corrected: it is %(mass)s kg now."
        ),
    ),
}


def facts_of(visit: Visit, *, language: str) -> dict[str, str]:
    """Return what the words may name."""
    weighing = visit.weighing
    recorded_at = weighing.recorded_at or weighing.weighed_at
    return {
        "day": day_in(language, legal_day(weighing.weighed_at)),
        "mass": kilograms(language, weighing.lots),
        "until": instant_in(language, recorded_at + DISPUTED_WITHIN),
    }
