"""Commands that a production environment refuses: made-up tokens, made-up time."""

from typing import Annotated

import typer

from shared.kernel.errors import Forbidden

Environment = Annotated[str, typer.Option(envvar="GREENLOOP_ENVIRONMENT", hidden=True)]


def development_only(environment: str) -> None:
    """Raise `Forbidden` (cli.production) unless the environment is development."""
    if environment != "development":
        raise Forbidden("cli.production", "this command is for development only")
