"""`python -m services.auth`: the auth service as a process of its own."""

import sys

from libs.common.serve import main

if __name__ == "__main__":
    sys.exit(main("auth", sys.argv[1:]))
