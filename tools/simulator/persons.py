"""The city's residents: names, numbers and doors that nobody in the world has.

All that names a resident has `MARK` in it, or begins with `PHONES`, so that whoever reads a topic,
an answer or a log can tell whether somebody is named there. Neither comes about by chance.
"""

from dataclasses import dataclass

from tools.simulator.api import Caller, Json

MARK = "zqwx"
# Numbers of 15 digits (ITU-T E.164's most); China's have 13 with the country's.
PHONES = "8619073184"
NUMBERS = 100_000


@dataclass(frozen=True, slots=True)
class Person:
    """A resident of one day's city. `run` tells cities apart, `number` the residents of one."""

    run: str
    number: int

    @property
    def trace(self) -> str:
        """What is in every word that names this person and in no word that names another."""
        return f"{MARK}-{self.run}-{self.number}-{MARK}"

    @property
    def phone(self) -> str:
        """A telephone number; in another day's city it may be somebody else's."""
        return f"+{PHONES}{self.number % NUMBERS:05d}"

    @property
    def caller(self) -> Caller:
        """The person as a token's subject."""
        return Caller("resident", self.trace)

    @property
    def note(self) -> str:
        """What the person says of a pickup."""
        return f"ask for {self.trace}"

    def contact(self) -> Json:
        """Return what a registration tells of the person and the door."""
        return {
            "name": f"住户 {self.trace}",
            "phone": self.phone,
            "email": f"{self.trace}@example.org",
            "language": ("zh-CN", "zh-TW", "en")[self.number % 3],
            "address": f"{self.trace} 号楼",
            "access": f"按铃 {self.trace}",
        }

    def is_named_in(self, text: str) -> bool:
        """Say whether a text names this person."""
        return self.trace in text or self.phone[1:] in text


def names_somebody(written: bytes) -> bool:
    """Say whether any resident of any simulated city is named in what was written."""
    return MARK.encode() in written or PHONES.encode() in written
