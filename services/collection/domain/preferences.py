"""How a person wants to be told: by what, and in which language."""

from dataclasses import dataclass

EMAIL, MESSAGE, NONE = "email", "message", "none"
CHANNELS = (EMAIL, MESSAGE)
LANGUAGES = ("zh-CN", "zh-TW", "en")
DEFAULT_LANGUAGE = "zh-CN"
# The recipient of what the city's own staff is told.
OPERATORS = "operators"


@dataclass(frozen=True, slots=True)
class Preferences:
    """`channel`: email, message (the city's gateway: app, SMS), none; None: whichever there is.

    `language`: None where the person never said.
    """

    channel: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where a recipient is reached: personal data, looked up for one message and not kept.

    `subject` is who logs in, as the city's gateway knows its users.
    """

    recipient: str
    email: str | None = None
    language: str | None = None
    subject: str | None = None


def language_of(preferences: Preferences, addressee: Addressee) -> str:
    """Return the language to write in: what was asked for, else what the person's data say."""
    for language in (preferences.language, addressee.language):
        if language in LANGUAGES:
            return language
    return DEFAULT_LANGUAGE
