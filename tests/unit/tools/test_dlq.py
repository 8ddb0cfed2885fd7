"""`greenloop dlq replay` says of whom letters are replayed, and what is done about the others."""

import pytest

from shared.kernel.errors import Invalid
from tools.cli import dlq


@pytest.mark.parametrize("letter", ["all", "volumes@1|topic|0|7"])
def test_letters_of_sums_are_rebuilt_and_the_way_is_told(letter, tmp_path):
    with pytest.raises(Invalid) as refused:
        dlq.replay("volumes", letter, state_dir=str(tmp_path))

    assert refused.value.code == "dlq.rebuilt"
    assert "greenloop rebuild volumes" in refused.value.message
