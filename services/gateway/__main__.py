"""`python -m services.gateway`: the gateway as a process of its own."""

import sys

from libs.common.serve import main

if __name__ == "__main__":
    sys.exit(main("gateway", sys.argv[1:]))
