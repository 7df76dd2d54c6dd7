"""For a person: a way with its proof, the reasons of an answer, and by which name a party is trusted."""

from __future__ import annotations

from collections.abc import Iterable

from cloudscan.access import Effect, Path, Reason
from cloudscan.reach.answers import Answer
from cloudscan.reach_reports.words import reason
from cloudscan.reports.page import Page
from cloudscan.reports.terminal import put_path


def put_way(page: Page, path: Path) -> None:
    """Write the steps of a way, under which condition it holds, and what it hangs on that was not seen."""
    put_path(page, path.steps)
    if path.condition:
        page.put((f"if {path.condition}", "yellow"), indent=2)
    if path.unseen:
        page.put((f"not seen: {'; '.join(path.unseen)}", "yellow"), indent=2)


def put_reasons(page: Page, reasons: Iterable[Reason]) -> None:
    """Write reasons as a list; what lets somebody is dim beside what does not."""
    for each in reasons:
        style = "dim" if each.effect in (Effect.ALLOWS, Effect.ASSUMES) else ""
        page.put((reason(each), style), indent=4 + len(page.dot.lstrip()), label=f"    {page.dot.lstrip()}")


def put_trusted(page: Page, answer: Answer, account: str, indent: int = 0) -> None:
    """Say under which name the policy file trusts an account, if it does."""
    if name := answer.asked.policy.trusted_name(account):
        page.put((f"trusted: {name}", "green"), indent=indent)
