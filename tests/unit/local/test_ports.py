"""Two stacks that start at the same time choose different ports, before either listens."""

import subprocess
import sys

from deploy.local.ports import claim

CHOOSE = "from deploy.local.ports import Ports; print(Ports().free('api', {wanted}), flush=True)"


def chosen(wanted, *, stays):
    """Return the process that chose a port, and the port."""
    code = CHOOSE.format(wanted=wanted) + ("; input()" if stays else "")
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, int(process.stdout.readline())


def test_a_port_that_is_chosen_and_not_listened_to_yet_is_not_chosen_again():
    first, one = chosen(29_100, stays=True)
    second, other = chosen(one, stays=False)

    assert other > one
    assert not claim(one)
    for process in (first, second):
        process.communicate("", timeout=20)
    assert claim(one)
