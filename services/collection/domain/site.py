"""Sites of drives: a community's yard, a school, an office, a mall. Facts, no verdicts.

The contact and the point itself are personal data and kept elsewhere; the cell is all that is said.
"""

from dataclasses import dataclass
from datetime import date

from shared.kernel.errors import Invalid

KINDS = ("community", "school", "office", "mall")
LICENCES_MAX = 16
INDOOR_M2_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Licence:
    """A permission of the site, as its paper says: valid on [valid_from, valid_until]."""

    kind: str
    number: str
    valid_from: date
    valid_until: date

    def holds(self, on: date) -> bool:
        """Say whether it is valid on a day."""
        return self.valid_from <= on <= self.valid_until


@dataclass(frozen=True, slots=True)
class Site:
    """A place where drives are held. `indoor_m2` is the area under a roof, in whole m².

    `central_store`: designated by the authority, which ends a household's exemption there.
    `contact_of` is the request (its scope) that the present contact came with.
    """

    site_id: str
    kind: str
    community_code: str
    cell: str
    indoor_m2: int = 0
    licences: tuple[Licence, ...] = ()
    central_store: bool = False
    contact_of: str = ""


def check_site(site: Site) -> None:
    """Raise `Invalid` (site.…) for a site that cannot be."""
    if site.kind not in KINDS:
        raise Invalid("site.kind", f"a site is one of {', '.join(KINDS)}")
    if not 0 <= site.indoor_m2 <= INDOOR_M2_MAX:
        raise Invalid("site.indoor", f"an indoor area has 0 to {INDOOR_M2_MAX} m²")
    if len(site.licences) > LICENCES_MAX:
        raise Invalid("site.licences", f"a site has up to {LICENCES_MAX} licences")
    if any(each.valid_until < each.valid_from for each in site.licences):
        raise Invalid("site.licences", "a licence ends after it begins")
