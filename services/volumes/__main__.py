"""`python -m services.volumes api|worker|rebuild`."""

import sys

from services.volumes.bootstrap import build_api, run_api, run_rebuild_rows, run_worker
from services.volumes.settings import VolumesSettings
from shared.messaging.process import main

if __name__ == "__main__":
    sys.exit(
        main(
            "volumes",
            VolumesSettings,
            build_api=build_api,
            api=run_api,
            worker=run_worker,
            rebuild=run_rebuild_rows,
        )
    )
