"""The life of a pickup as a page of docs: `python -m services.collection states` prints it.

`make docs` keeps docs/pickup-states.md by it, and `make check` fails where the page is old.
"""

from collections.abc import Iterator

from services.collection.domain.states import TERM, TRANSITIONS, Act, State

HEAD = """# The states of a pickup

Generated from `services/collection/domain/states.py` by `make docs`; do not edit.

booked = open + collected + cancelled + missed + failed, always. A held draft that was never booked
is lapsed: it was nothing yet, and belongs to no term. Every state that is not open may be the last
one; a weight from the scale and a correction are taken after it all the same.
"""


def rendered() -> str:
    """Return the page."""
    parts = (HEAD, _diagram(), _terms(), _transitions())
    return "\n".join(parts)


def _diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += ["    [*] --> booked: book", "    [*] --> lapsed: lapse"]
    lines += [f"    {one} --> {other}: {', '.join(acts)}" for one, other, acts in _edges()]
    lines += [f"    {state} --> [*]" for state in State if TERM.get(state) != "open"]
    return "\n".join([*lines, "```", ""])


def _edges() -> Iterator[tuple[State, State, list[str]]]:
    """Give each pair of states once, with all acts that lead from one to the other."""
    for one in State:
        for other in State:
            acts = [act.value for act in Act if TRANSITIONS.get((one, act)) is other]
            if acts:
                yield one, other, acts


def _terms() -> str:
    lines = ["| state | term of the conservation of counts |", "|---|---|"]
    lines += [f"| {state} | {TERM.get(state, 'none: never booked')} |" for state in State]
    return "\n".join(["## Each state belongs to one term", "", *lines, ""])


def _transitions() -> str:
    """A row a state, a column an act; empty where the act is refused (collection.not_possible)."""
    acts = [act for act in Act if act is not Act.LAPSE]
    lines = [
        "| from | " + " | ".join(acts) + " |",
        "|---" * (len(acts) + 1) + "|",
        *(
            f"| **{state}** | "
            + " | ".join(TRANSITIONS.get((state, act), "") for act in acts)
            + " |"
            for state in State
        ),
    ]
    title = "## What follows an act; empty: it is refused (`collection.not_possible`)"
    return "\n".join([title, "", *lines, ""])
