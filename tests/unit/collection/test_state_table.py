"""The page of states says what the table says."""

from typing import get_args

from services.collection.application.listing import LISTED
from services.collection.domain.states import TERM, TRANSITIONS, State
from services.collection.entrypoints.list_query import StateName
from services.collection.entrypoints.state_table import rendered


def edges(page):
    found = set()
    for line in page.splitlines():
        one, arrow, rest = line.strip().partition(" --> ")
        other, _, acts = rest.partition(": ")
        if arrow and one != "[*]" and other != "[*]":
            found |= {(one, act, other) for act in acts.split(", ")}
    return found


def test_the_diagram_has_every_transition_and_no_other():
    assert edges(rendered()) == {(one, act, to) for (one, act), to in TRANSITIONS.items()}


def test_the_tables_have_every_state_with_its_term_and_what_follows():
    lines = rendered().splitlines()

    for state in State:
        assert f"| {state} | {TERM.get(state, 'none: never booked')} |" in lines
        row = next(line for line in lines if line.startswith(f"| **{state}** |"))
        follows = [cell.strip() for cell in row.split("|")[2:-1]]
        assert sorted(filter(None, follows)) == sorted(
            to for (one, _), to in TRANSITIONS.items() if one is state
        )


def test_lists_are_narrowed_to_every_state_but_the_draft():
    assert set(get_args(StateName)) == {state.value for state in LISTED} == set(TERM)
