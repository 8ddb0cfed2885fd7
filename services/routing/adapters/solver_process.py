"""The solver in a process of its own: it holds the interpreter for seconds at a time.

The problem goes in as JSON, the plan comes out; the child ends with its parent.
"""

import ctypes
import signal
import subprocess
import sys

import msgspec

from services.routing.domain.problem import DayPlan, Problem
from shared.kernel.errors import Unavailable

OVERHEAD_S = 120.0
PR_SET_PDEATHSIG = 1


class Task(msgspec.Struct):
    """What the child is told."""

    problem: Problem
    solve_time_s: float
    seed: int


class ProcessSolver:
    """`Solver` by PyVRP in a child process."""

    def solve(self, problem: Problem, *, solve_time_s: int, seed: int) -> DayPlan:
        """Start the child, wait for it at most its time and two minutes."""
        task = msgspec.json.encode(Task(problem, solve_time_s, seed))
        command = [sys.executable, "-m", "services.routing.adapters.solver_process"]
        try:
            done = subprocess.run(  # noqa: S603 - our own module, our own data
                command,
                input=task,
                capture_output=True,
                timeout=solve_time_s + OVERHEAD_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable("routing.solver", "the solver did not end") from error
        if done.returncode != 0:
            last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise Unavailable("routing.solver", f"the solver ended: {last[:200]}")
        return msgspec.json.decode(done.stdout, type=DayPlan)


def main() -> int:
    """Read a task, write its plan."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # Imported here: only the child needs PyVRP and numpy, which take a second to load.
    from services.routing.adapters.pyvrp_solver import solve_day  # noqa: PLC0415 - see above

    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    plan = solve_day(task.problem, solve_time_s=task.solve_time_s, seed=task.seed)
    sys.stdout.buffer.write(msgspec.json.encode(plan))
    return 0


if __name__ == "__main__":
    sys.exit(main())
