"""`python -m services.pricing api|worker|rebuild`."""

import sys

from services.pricing.bootstrap import (
    build_api,
    run_api,
    run_rebuild_settlements,
    run_worker,
)
from services.pricing.settings import PricingSettings
from shared.messaging.process import main

if __name__ == "__main__":
    sys.exit(
        main(
            "pricing",
            PricingSettings,
            build_api=build_api,
            api=run_api,
            worker=run_worker,
            rebuild=run_rebuild_settlements,
        )
    )
