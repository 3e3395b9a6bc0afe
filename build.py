"""Build the site: ``python build.py [--serve] [--watch] [--base-url URL] [--wheels FOLDER]``; see `klweb.sitegen`."""

import sys
from pathlib import Path

from klweb.sitegen.cli import main

if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent, sys.argv[1:]))
