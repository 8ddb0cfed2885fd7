"""`python -m services.collection api|worker`."""

import sys

from services.collection.bootstrap import build_api, run_api, run_worker
from services.collection.settings import CollectionSettings
from shared.messaging.process import main

if __name__ == "__main__":
    sys.exit(
        main("collection", CollectionSettings, build_api=build_api, api=run_api, worker=run_worker)
    )
