"""The part of tracking's wiring that audits its journals: a second set of books, to compare."""

from collections.abc import Set

from services.tracking.adapters.announcements import announce
from services.tracking.adapters.mongo_journals import QuietJournals, derived_of
from services.tracking.application.containment import NobodysWord
from services.tracking.bootstrap import JOURNALS, Wiring, judging_of
from services.tracking.domain.journal import Journal
from services.tracking.entrypoints.reactions import GROUP, reaction
from services.tracking.settings import TrackingSettings
from shared.messaging.generations import of_generation
from shared.messaging.reactions import Reaction
from shared.messaging.rebuild_role import run_rebuild
from shared.messaging.wiring import rebuildable_reaction


def run_rebuild_journals(settings: TrackingSettings, words: Set[str]) -> int:
    """Follow all weigh-ins and unloadings a second time, unheard, and compare: an audit.

    The second set of books never takes the place of the first: containers are commands' and
    decide where hazardous lots lie, and are not asked again.
    """
    wiring = Wiring(settings)

    def reaction_of(generation: int) -> Reaction:
        journals = QuietJournals(
            wiring.db[of_generation(JOURNALS, generation)],
            kind="journal",
            state_type=Journal,
            announce=announce,
        )
        return reaction(journals, containment=NobodysWord(), judging=judging_of(settings))

    journals = rebuildable_reaction(
        wiring.db,
        settings,
        reaction_of=reaction_of,
        group=GROUP,
        collection=JOURNALS,
        look=derived_of,
        replaces=False,
    )
    return run_rebuild(journals, words)
