"""A check that is asked alone says what it says among all others: it needs every question that its verdicts rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from cloudscan import POLICY_FILE, demo, plugins
from cloudscan.check import Check
from cloudscan.collection.run import collect
from cloudscan.demo import DemoCloud
from cloudscan.estate import Estate
from cloudscan.policy.file import Policy, read_policy
from cloudscan.provider import Facet, Scope
from cloudscan.scan import analyze, needed_facets

ASKED = [check for check in plugins.checks() if Facet.LIFECYCLE not in check.needs]
"""All but those of keeping, whose facts are all of stores and objects."""


class Standing:
    """The demo's clouds, and what all checks together say of them."""

    def __init__(self, clouds: Sequence[DemoCloud], folder: Path) -> None:
        (folder / POLICY_FILE).write_bytes(files("cloudscan.demo").joinpath(POLICY_FILE).read_bytes())
        self.policy: Policy = read_policy(folder / POLICY_FILE)
        self._clouds, self._folder = clouds, folder
        self._now: datetime | None = None
        self.whole = self.says("whole", plugins.checks(), ASKED)

    def says(self, name: str, collected: Sequence[Check], asked: Sequence[Check]) -> dict[tuple[str, ...], Any]:
        """Collect what some checks need, and return what others say of it, by what it is said of."""
        facets, folder = needed_facets(collected, self.policy), self._folder / name
        scopes = {
            cloud.provider: Scope(facets=facets, workers=4, endpoint_url=cloud.endpoint_url, options=cloud.options)
            for cloud in self._clouds
        }
        collect([plugins.provider(cloud.provider) for cloud in self._clouds], scopes, folder)
        seen = Estate.open(folder)
        assert seen.manifest is not None
        self._now = self._now or seen.manifest.finished
        providers = [plugins.provider(cloud.provider) for cloud in self._clouds]
        result = analyze(seen, providers, asked, self.policy, now=self._now, generated_at=self._now)
        return {
            (found.check, found.provider, found.resource, found.locator): (found.verdict, found.message, found.path)
            for found in result.findings
        }


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with demo.estate(print) as clouds:
        yield Standing(clouds, tmp_path_factory.mktemp("needs"))


def groups() -> dict[str, list[Check]]:
    """Put checks that need the same together, by the names of all of them."""
    alike: dict[frozenset[Facet], list[Check]] = defaultdict(list)
    for check in ASKED:
        alike[check.needs].append(check)
    return {"+".join(check.id for check in checks): checks for checks in alike.values()}


@pytest.mark.parametrize("name", groups())
def test_a_check_asked_alone_says_the_same(standing: Standing, name: str) -> None:
    checks = groups()[name]
    names = {check.id for check in checks}
    among_all = {place: said for place, said in standing.whole.items() if place[0] in names}
    assert among_all
    assert standing.says(checks[0].id, checks, checks) == among_all
