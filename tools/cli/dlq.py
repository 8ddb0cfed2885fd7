"""`greenloop dlq ls|show|replay`: dead letters, an operator's tool on a service's database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from pymongo.collection import Collection
from rich.console import Console
from rich.table import Table

from deploy.local.stack import running, state_layout
from shared.kernel.errors import Invalid, NotFound
from shared.messaging.mongo_client import connect, database, storage_errors
from tools.cli.options import StateDir

app = typer.Typer(no_args_is_help=True, help=__doc__)
console = Console()
LISTED_MAX = 200
VALUE_SHOWN = 2_000
# A sum has no entity that could record that it has a letter's lots already.
REBUILT = {
    "volumes": "volumes counts a letter's lots by a rebuild: mend the cause, then"
    " `greenloop rebuild volumes --fresh --accept-differences`; the letter stays to be seen"
}
Service = Annotated[str, typer.Argument(help="collection, pricing, routing, tracking, volumes")]


@app.command("ls")
def ls(service: Service, state_dir: StateDir = ".local") -> None:
    """List the letters that wait, the newest first."""
    table = Table("id", "code", "message", "at")
    with _letters(service, state_dir) as letters, storage_errors():
        for held in letters.find({"replayed_at": None}, sort=[("at", -1)], limit=LISTED_MAX):
            table.add_row(held["_id"], held["code"], held["message"], f"{held['at']:%F %T}")
    console.print(table)


@app.command("show")
def show(service: Service, letter_id: str, state_dir: StateDir = ".local") -> None:
    """Print one letter whole: headers, key, value (cut at 2,000 bytes)."""
    with _letters(service, state_dir) as letters, storage_errors():
        held = letters.find_one({"_id": letter_id})
    if held is None:
        raise NotFound("dlq.not_found", f"there is no letter {letter_id!r}")
    for name in ("group", "topic", "partition", "offset", "code", "message", "at", "replayed_at"):
        console.print(f"{name}: {held.get(name)}", highlight=False, markup=False)
    for header in held["headers"]:
        console.print(f"  {header['name']}: {bytes(header['value'])!r}", markup=False)
    console.print(f"key: {held['key']!r}", highlight=False, markup=False)
    value = held["value"]
    shown = None if value is None else bytes(value)[:VALUE_SHOWN]
    console.print(f"value: {shown!r}", highlight=False, markup=False)


@app.command("replay")
def replay(service: Service, letter_id: str, state_dir: StateDir = ".local") -> None:
    """Ask the group's worker to apply a letter again, in this group only; "all" asks for all."""
    if service in REBUILT:
        raise Invalid("dlq.rebuilt", REBUILT[service])
    which = {"replayed_at": None} if letter_id == "all" else {"_id": letter_id}
    with _letters(service, state_dir) as letters, storage_errors():
        asked = letters.update_many(which, {"$set": {"replay_wanted": True}}).matched_count
    if not asked and letter_id != "all":
        raise NotFound("dlq.not_found", f"there is no letter {letter_id!r}")
    console.print(f"{asked} to be replayed; the worker does it within a second or two")


@contextmanager
def _letters(service: str, state_dir: str) -> Iterator[Collection[dict[str, Any]]]:
    held = running(state_layout(state_dir))
    uri = os.environ.get("GREENLOOP_MONGODB") or (held.held["mongodb"] if held else None)
    if uri is None:
        raise NotFound("dlq.no_stack", "no stack runs here, and GREENLOOP_MONGODB is not set")
    with connect(uri, name="greenloop-dlq") as client:
        yield database(client, service)["dead_letters"]
