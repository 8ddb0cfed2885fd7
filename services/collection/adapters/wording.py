"""Words, days and times as each language writes them: gettext catalogues, and Babel.

The words of the source are English. `make docs` extracts what is `marked` into the template and
compiles the catalogues; a test sees to it that none has a gap.
"""

import gettext
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal

from services.collection.domain.weighing import WeighedLot
from shared.kernel.clock import SHANGHAI, legal_day

LOCALES = Path(__file__).parents[1] / "locales"
DOMAIN = "collection"
LOCALE_OF = {"zh-CN": "zh_CN", "zh-TW": "zh_TW", "en": "en"}


def marked(text: str) -> str:
    """Mark words of the source for the catalogues."""
    return text


REASONS: Mapping[str, str] = {
    "no_access": marked("no access"),
    "not_out": marked("nothing was put out"),
    "contaminated": marked("the material was contaminated"),
    "overloaded": marked("the vehicle was full"),
    "damaged": marked("something was damaged"),
    "safety": marked("a danger for the crew"),
    "delay": marked("a delay on the tour"),
    "extra_item": marked("more was put out than was booked"),
    "weight_dispute": marked("the household does not agree with the weight"),
    "typhoon": marked("typhoon"),
    "weather": marked("weather"),
    "holiday": marked("holiday"),
}
OTHER_REASON = marked("by decision of the city")


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return a language's catalogue."""
    return gettext.translation(DOMAIN, LOCALES, languages=[LOCALE_OF[language]])


def reason_in(language: str, code: str | None) -> str:
    """Return what a code means; one that nobody knows is the city's decision."""
    return catalogue(language).gettext(REASONS.get(code or "", OTHER_REASON))


def day_in(language: str, day: date) -> str:
    """Return a day as it is written in a language, with its weekday."""
    return format_date(day, format="full", locale=LOCALE_OF[language])


def time_of_day(instant: datetime) -> str:
    """Return the time in Shanghai, as in 08:00."""
    return instant.astimezone(SHANGHAI).strftime("%H:%M")


def instant_in(language: str, instant: datetime) -> str:
    """Return day and time in Shanghai as they are written in a language."""
    return f"{day_in(language, legal_day(instant))} {time_of_day(instant)}"


def kilograms(language: str, lots: Iterable[WeighedLot]) -> str:
    """Return what lots weigh together, in kilograms as a language writes numbers."""
    mass_g = sum(lot.mass_g for lot in lots)
    return format_decimal(Decimal(mass_g) / 1_000, locale=LOCALE_OF[language])
