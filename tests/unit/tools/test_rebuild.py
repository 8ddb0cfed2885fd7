"""`greenloop rebuild` refuses what no topic could derive, and a folder without a stack."""

import pytest

from deploy.local.problems import StackProblem
from shared.kernel.errors import Invalid
from tools.cli.rebuild import rebuild


@pytest.mark.parametrize("service", ["collection", "nothing"])
def test_refuses_a_service_that_cannot_be_rebuilt(service, tmp_path):
    with pytest.raises(Invalid) as refused:
        rebuild(service, state_dir=str(tmp_path))

    assert refused.value.code == "rebuild.service"


def test_says_that_no_stack_runs(tmp_path):
    with pytest.raises(StackProblem):
        rebuild("routing", state_dir=str(tmp_path))
