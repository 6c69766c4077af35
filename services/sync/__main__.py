"""`python -m services.sync`: the sync service as a process of its own."""

import sys

from libs.common.serve import main

if __name__ == "__main__":
    sys.exit(main("sync", sys.argv[1:]))
