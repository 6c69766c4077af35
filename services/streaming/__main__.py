"""`python -m services.streaming`: the streaming service as a process of its own."""

import sys

from libs.common.serve import main

if __name__ == "__main__":
    sys.exit(main("streaming", sys.argv[1:]))
