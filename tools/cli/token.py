"""`greenloop token --role collector --subject c-1`: a token of the local issuer."""

from typing import Annotated

import typer

from deploy.local.stack import state_layout
from shared.http.auth import ROLES
from shared.http.local_issuer import issue_token
from shared.kernel.errors import Invalid
from tools.cli.development import Environment, development_only
from tools.cli.options import StateDir


def token(
    *,
    role: Annotated[list[str], typer.Option(help="May be given several times.")],
    subject: Annotated[str, typer.Option(help="Who it is for.")] = "somebody",
    ttl_s: Annotated[int, typer.Option(help="How long it lives, in seconds.")] = 3600,
    area_code: Annotated[str | None, typer.Option(help="A regulator's division prefix.")] = None,
    state_dir: StateDir = ".local",
    environment: Environment = "development",
) -> None:
    """Print a token for development; production has an issuer of its own."""
    development_only(environment)
    unknown = sorted(set(role) - ROLES)
    if unknown:
        raise Invalid("token.role", f"roles are {', '.join(sorted(ROLES))}")
    folder = state_layout(state_dir).state_dir
    typer.echo(issue_token(folder, subject=subject, roles=role, ttl_s=ttl_s, area_code=area_code))
