"""What a script that derives a drawn estate of a cloud has in common with the others.

Importing this brings the analysis along: ``bench/run.py`` runs such scripts and does not import it, see processes.py.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import time
from collections.abc import Callable, Sequence

from bench.processes import unit
from cloudscan.access import Edge, Grant
from cloudscan.estate import Estate
from cloudscan.model import Action
from cloudscan.provider import Provider


def sizes(about: str | None, arguments: Sequence[str] | None, **defaults: int) -> dict[str, int]:
    """Read the sizes of an estate from the options of a script, each with what it is otherwise."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, size in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    return vars(parser.parse_args(arguments))


def tell(provider: Provider, draw: Callable[..., Estate], size: dict[str, int]) -> None:
    """Derive an estate of that size and print one JSON object: the sizes, and what there was and took.

    ``grants``, ``edges``, ``readers`` (pairs of a principal and a store that it reads), the ``cpu_seconds`` of deriving
    grants and steps, and ``peak_mb`` of the whole process.
    """
    gc.set_threshold(50_000)  # as the command itself does
    estate = draw(**size)
    before = time.process_time()
    found = list(provider.grants(estate))
    spent = time.process_time() - before
    grants = [one for one in found if isinstance(one, Grant)]
    told = {
        "grants": len(grants),
        "edges": sum(isinstance(one, Edge) for one in found),
        "readers": len({(one.principal, one.store) for one in grants if one.action is Action.READ}),
        "cpu_seconds": round(spent, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit() / 1e6, 1),
    }
    print(json.dumps(size | told))
