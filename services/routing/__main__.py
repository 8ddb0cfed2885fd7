"""`python -m services.routing api|worker|rebuild`."""

import sys

from services.routing.bootstrap import build_api, run_api, run_rebuild_stops, run_worker
from services.routing.settings import RoutingSettings
from shared.messaging.process import main

if __name__ == "__main__":
    sys.exit(
        main(
            "routing",
            RoutingSettings,
            build_api=build_api,
            api=run_api,
            worker=run_worker,
            rebuild=run_rebuild_stops,
        )
    )
