"""What a city day is like, as data. Figures with a source are the source's, the rest are guesses.

Mix by mass and drop size: China's largest doorstep recycler, 2022 (design: domain facts): paper
41 %, textiles 34 %, plastics 19 %, metal 5 %, other 1 %; 250 kt from up to 255,000 drops a day
make about 4 kg a drop. The noise rates are guesses, of the order that the trade reports.
"""

from dataclasses import dataclass

Weights = tuple[tuple[str, float], ...]

MATERIAL_MIX: Weights = (
    ("cardboard", 0.25),
    ("newsprint", 0.08),
    ("mixed-paper", 0.08),
    ("textiles", 0.34),
    ("pet-bottles", 0.08),
    ("hdpe", 0.05),
    ("mixed-plastics", 0.06),
    ("steel-scrap", 0.03),
    ("aluminium-cans", 0.015),
    ("copper-scrap", 0.005),
    ("glass", 0.005),
    ("small-appliances", 0.005),
)
HAZARDOUS_MIX: Weights = (
    ("lead-acid-batteries", 0.45),
    ("lithium-ion-batteries", 0.30),
    ("fluorescent-lamps", 0.20),
    ("mercury-thermometers", 0.05),
)
GRADE_MIX: Weights = (("A", 0.6), ("B", 0.3), ("C", 0.1))
BAND_MIX: Weights = (("morning", 0.45), ("afternoon", 0.40), ("evening", 0.15))

# Fen for one kilogram of grade A; B pays 80 %, C 50 %. Orders of magnitude of Fuzhou's trade.
PRICE_FEN_PER_KG = {
    "cardboard": 140,
    "newsprint": 160,
    "mixed-paper": 90,
    "textiles": 60,
    "pet-bottles": 220,
    "hdpe": 260,
    "mixed-plastics": 80,
    "steel-scrap": 200,
    "aluminium-cans": 1100,
    "copper-scrap": 4800,
    "glass": 10,
    "small-appliances": 300,
    "large-appliances": 250,
    "mobile-phones": 900,
    "lead-acid-batteries": 650,
    "lithium-ion-batteries": 500,
    "fluorescent-lamps": 0,
    "mercury-thermometers": 0,
}
GRADE_SHARE_PERCENT = {"A": 100, "B": 80, "C": 50}


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares of all pickups (or requests) to which something happens."""

    hazardous: float = 0.06
    amended: float = 0.05
    cancelled: float = 0.04
    not_out: float = 0.03
    no_access: float = 0.015
    missed: float = 0.01
    contaminated: float = 0.12
    undeclared_material: float = 0.08
    unknown_tag: float = 0.05
    broken: float = 0.1
    corrected: float = 0.02
    paid: float = 0.8
    repeated_request: float = 0.05
    late_upload: float = 0.1
    held_form: float = 0.2
    approach_told: float = 0.3
    offline: float = 0.04
    cancelled_meanwhile: float = 0.3
    rival_device: float = 0.2
    disputed: float = 0.03
    confirmed: float = 0.3
    upheld: float = 0.5
    recurring: float = 0.12
    erased: float = 0.01


@dataclass(frozen=True, slots=True)
class DropSize:
    """A pickup's mass: log-normal, so that most are small and a few are heavy."""

    median_g: int = 3_000
    sigma: float = 0.75
    maximum_g: int = 60_000
    items_max: int = 4
