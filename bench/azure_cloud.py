"""Azure: the requests that its storage accounts take, and who can read what in a drawn estate."""

from __future__ import annotations

from bench.clouds import counted, derived_table, requests_table
from bench.document import Section, prose

_READERS = {"people": 1_000, "groups": 100, "machines": 0, "accounts": 20, "containers": 10}
_ALL = {"people": 500, "groups": 50, "machines": 500, "accounts": 100, "containers": 20}
_SMALL = {"people": 50, "groups": 5, "machines": 10, "accounts": 2, "containers": 2}


def azure(*, quick: bool) -> Section:
    """Count requests on the stand-in of the tests, and derive grants and steps of drawn estates."""
    accounts, containers = (4, 4) if quick else (100, 20)
    one, more, told = (counted("azure_counts.py", *size) for size in ((2, 1), (2, 3), (accounts, containers)))
    fewest, fewer, every = (sum(each["requests"].values()) for each in (one, more, told))
    each_container = (fewer - fewest) / 4
    each_account = (every - fewest - each_container * (accounts * containers - 2)) / (accounts - 2)
    rest = every - each_account * accounts - each_container * accounts * containers
    return Section(
        "Azure",
        "python bench/run.py --only azure",
        (
            prose(
                f"""Requests about the settings, stored access policies and blobs of {accounts} storage accounts with
                {containers} empty containers each, counted on the stand-in that the tests use, in a process of its own:
                **{each_container:g}** for each container, {each_account:g} for each account, and {rest:g} for the
                subscription. It is one more for every further 5,000 blobs of a container. They took
                {told["cpu_seconds"]:.1f} s of processor time, {told["cpu_seconds"] / every * 1e3:.1f} ms each."""
            ),
            requests_table("operation", told["requests"]),
            prose(
                """Who may do what and by which steps, in drawn estates (`python bench/azure_reach.py`); the containers
                are those of each account:"""
            ),
            derived_table("azure_reach.py", *((_SMALL,) if quick else (_READERS, _ALL))),
        ),
    )
