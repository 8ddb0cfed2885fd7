"""`python -m services.tracking api|worker|rebuild`."""

import sys

from services.tracking.bootstrap import build_api, run_api, run_worker
from services.tracking.bootstrap_audit import run_rebuild_journals
from services.tracking.settings import TrackingSettings
from shared.messaging.process import main

if __name__ == "__main__":
    sys.exit(
        main(
            "tracking",
            TrackingSettings,
            build_api=build_api,
            api=run_api,
            worker=run_worker,
            rebuild=run_rebuild_journals,
        )
    )
