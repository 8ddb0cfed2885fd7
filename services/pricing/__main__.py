"""`python -m services.pricing api|worker`."""

import sys

from services.pricing.bootstrap import run_api, run_worker
from services.pricing.settings import PricingSettings
from shared.messaging.process import main

if __name__ == "__main__":
    sys.exit(main("pricing", PricingSettings, api=run_api, worker=run_worker))
