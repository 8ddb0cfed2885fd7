"""`greenloop rebuild SERVICE`: derive documents anew from their topics, beside the old ones."""

import subprocess
import sys
from typing import Annotated

import typer

from deploy.local.control import restart
from deploy.local.layout import ROOT
from deploy.local.services import service_environment
from shared.kernel.errors import Invalid
from tools.cli.options import StateDir
from tools.cli.simulate import running_stack

# Whose documents nothing but topics decide take the old ones' place; pricing's and tracking's are
# only compared, because payouts and containers are commands'. What else there is, commands decide:
# nothing could derive it.
REPLACED, COMPARED = ("routing", "volumes"), ("pricing", "tracking")


def rebuild(
    service: Annotated[str, typer.Argument(help=f"{', '.join((*REPLACED, *COMPARED))}")],
    *,
    fresh: Annotated[bool, typer.Option(help="Drop what an earlier attempt left.")] = False,
    accept_differences: Annotated[bool, typer.Option(help="Switch even so.")] = False,
    back: Annotated[bool, typer.Option(help="Return to the generation before.")] = False,
    state_dir: StateDir = ".local",
) -> None:
    """Rebuild beside what is being read, compare both, switch, and restart the service."""
    if service not in (*REPLACED, *COMPARED):
        raise Invalid("rebuild.service", f"only {', '.join((*REPLACED, *COMPARED))} can be rebuilt")
    layout, held = running_stack(state_dir)
    words = {"fresh": fresh, "accept-differences": accept_differences, "back": back}
    command = [sys.executable, "-m", f"services.{service}", "rebuild"]
    environment = service_environment(
        layout, mongodb=held.held["mongodb"], kafka=held.held["kafka"]
    )
    done = subprocess.run(
        [*command, *(word for word, is_wanted in words.items() if is_wanted)],
        cwd=ROOT,
        env={**environment, "GREENLOOP_INSTANCE": f"{service}-rebuild-0"},
        check=False,
    )
    if done.returncode:
        raise typer.Exit(done.returncode)
    if service in REPLACED:
        restart(layout, [f"{service}-api", f"{service}-worker"])
