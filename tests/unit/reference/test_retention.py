"""How long records are kept is data: each collection has one rule, and no day too few."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.reference.retention import may_delete, retention_of, retention_on, retention_rules
from shared.reference.tables import CERTAINTIES

TODAY = date(2026, 11, 26)


def test_each_rule_has_a_source_and_each_collection_one_rule():
    named = Counter(name for rule in retention_on(TODAY) for name in rule.collections)

    assert max(named.values()) == 1
    assert all(rule.source and rule.certainty in CERTAINTIES for rule in retention_rules())


@given(st.dates(date(2016, 11, 7), date(2100, 12, 31)))
def test_a_record_of_the_ledger_is_kept_for_ten_years_to_the_day(changed):
    kept_until = retention_of("journals", TODAY).kept_until(changed)

    assert not may_delete("journals", last_changed=changed, on=kept_until - timedelta(days=1))
    assert may_delete("journals", last_changed=changed, on=kept_until)
    assert kept_until.year == changed.year + 10
    assert timedelta(days=3_651) <= kept_until - changed <= timedelta(days=3_653)


def test_a_later_generation_is_kept_as_the_first_and_an_unknown_one_by_no_rule():
    assert retention_of("journals_2", TODAY) == retention_of("journals", TODAY)
    with pytest.raises(Invalid):
        may_delete("diaries", last_changed=TODAY, on=TODAY)
