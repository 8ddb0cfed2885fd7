"""`greenloop`: stack, simulated day, report, custody, tokens, clock, dead letters, codes, …"""

import sys

import typer
from rich.console import Console
from rich.text import Text

from deploy.local.problems import StackProblem
from shared.kernel.errors import GreenloopError, Invalid
from tools.cli import clock, codes, dlq, rebuild, stack, token
from tools.cli.demo import demo
from tools.cli.simulate import custody, report, simulate

app = typer.Typer(name="greenloop", no_args_is_help=True, add_completion=False, help=__doc__)
stack.add_to(app)
app.command("demo")(demo)
app.command("simulate")(simulate)
app.command("report")(report)
app.command("custody")(custody)
app.command("rebuild")(rebuild.rebuild)
app.command("token")(token.token)
app.add_typer(clock.app, name="clock")
app.add_typer(dlq.app, name="dlq")
app.add_typer(codes.app, name="codes")


def main() -> int:
    """Run; what goes wrong on purpose is one line and status 1, or 2 for what was asked wrongly."""
    try:
        app(prog_name="greenloop")
    except (StackProblem, GreenloopError) as problem:
        said = Text(f"greenloop: {problem}", style="bold red")
        Console(stderr=True, soft_wrap=True).print(said)
        return 2 if isinstance(problem, Invalid) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
