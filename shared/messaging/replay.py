"""Replays dead letters inside their group: publishing them again would count twice elsewhere."""

from functools import partial

import structlog

from shared.kernel.errors import Rejected, Unavailable
from shared.messaging.applying import BUG, Applier
from shared.messaging.patience import Patience
from shared.messaging.ports_in import DeadLetters

log = structlog.get_logger(__name__)


def replay_wanted(letters: DeadLetters, applier: Applier, *, patience: Patience) -> None:
    """Apply each letter that `greenloop dlq replay` asked for, once, beside the sequences.

    A letter that is refused again waits on. A bug takes the letter off the list before it ends
    the process, so that a replay never stops a group for good.
    """
    for letter in patience(letters.wanted_back):
        error: str | None = None
        try:
            applier.replay(letter)
        except Rejected as reason:
            error = reason.code
        except Unavailable:
            raise
        except Exception:
            patience(partial(letters.replayed, letter, error=BUG))
            raise
        log.info("reaction.replayed", letter=letter.id, error=error)
        patience(partial(letters.replayed, letter, error=error))
