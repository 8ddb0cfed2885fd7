"""`python -m services.collection api|worker`; `… states` prints the page of a pickup's states."""

import sys

from services.collection.bootstrap import build_api, run_api, run_worker
from services.collection.entrypoints.state_table import rendered
from services.collection.settings import CollectionSettings
from shared.messaging.process import main

if __name__ == "__main__":
    if sys.argv[1:] == ["states"]:
        sys.stdout.write(rendered())
        sys.exit(0)
    sys.exit(
        main("collection", CollectionSettings, build_api=build_api, api=run_api, worker=run_worker)
    )
