"""`python -m services.catalog`: the catalog service as a process of its own."""

import sys

from libs.common.serve import main

if __name__ == "__main__":
    sys.exit(main("catalog", sys.argv[1:]))
