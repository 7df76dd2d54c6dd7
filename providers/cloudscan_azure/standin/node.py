"""What npm installs for the stand-in: where it lies, and why it cannot be used where it cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

_MODULES = Path(__file__).parents[3] / "build" / "node" / "node_modules"


def module(name: str) -> Path:
    """Return where a package or one of its files lies, whether it is there or not."""
    return _MODULES / name


def missing(name: str) -> str:
    """Say why a file of a package cannot be run here, and what to do; "" where it can."""
    if shutil.which("node") is None:
        return "Node.js is not on this machine"
    if not module(name).exists():
        return f"{name.partition('/dist')[0]} is not installed; `make demo` and `make test` install it where npm is"
    return ""
