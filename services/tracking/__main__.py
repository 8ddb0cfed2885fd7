"""`python -m services.tracking api|worker`."""

import sys

from services.tracking.bootstrap import run_api, run_worker
from services.tracking.settings import TrackingSettings
from shared.messaging.process import main

if __name__ == "__main__":
    sys.exit(main("tracking", TrackingSettings, api=run_api, worker=run_worker))
