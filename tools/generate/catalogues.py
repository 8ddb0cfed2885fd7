"""Gettext catalogues: a template of the words that a service marks, and each language compiled.

`services/<name>/locales/<locale>/LC_MESSAGES/<name>.po` is written by people; the template and the
`.mo` beside it are generated.
"""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tools.generate.schemas import ROOT

KEYWORDS = {"marked": None}
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


def files() -> dict[Path, bytes]:
    """Return all templates and compiled catalogues."""
    made: dict[Path, bytes] = {}
    for locales in sorted(ROOT.glob("services/*/locales")):
        name = locales.parent.name
        made[locales / f"{name}.pot"] = _template(template(locales.parent))
        for source in sorted(locales.glob(f"*/LC_MESSAGES/{name}.po")):
            made[source.with_suffix(".mo")] = _compiled(catalogue(source))
    return made


def template(service: Path) -> Catalog:
    """Return the words that a service's source marks."""
    found = Catalog(fuzzy=False)
    for _, _, words, comments, context in extract_from_dir(
        service, keywords=KEYWORDS, options_map={}
    ):
        found.add(words, auto_comments=comments, context=context)
    return found


def catalogue(source: Path) -> Catalog:
    """Return a language's catalogue, undated: the same words compile to the same bytes."""
    with source.open("rb") as held:
        read = read_po(held, locale=source.parents[1].name)
    read.creation_date = read.revision_date = UNDATED
    return read


def _template(found: Catalog) -> bytes:
    out = BytesIO()
    write_po(out, found, omit_header=True, sort_output=True, no_location=True)
    return out.getvalue()


def _compiled(held: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, held)
    return out.getvalue()
