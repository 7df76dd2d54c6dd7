"""For a person: which stores and which principals can be asked about, before a question is asked."""

from __future__ import annotations

from cloudscan.access import Blast
from cloudscan.groups import standing
from cloudscan.reach.answers import Holding, Overview
from cloudscan.reach.credentials import Secret
from cloudscan.reach_reports.held import nothing_held
from cloudscan.report import ReportOptions
from cloudscan.reports.digest import tenths
from cloudscan.reports.names import Names
from cloudscan.reports.page import Page
from cloudscan.wording import count

_SHOWN = 20
"""Principals that are named before the rest is only counted."""


def put(page: Page, answer: Overview, options: ReportOptions) -> None:
    """Write the stores with their readers, the principals with what they reach, and how to ask further."""
    page.put((f"{count(len(answer.stores), 'store')} with recordings or transcripts", "bold"))
    if nothing := nothing_held(answer):
        page.put((nothing, "yellow"))
    page.space()
    readers = ("readers", "directly", "by steps", "by changes", "perhaps")
    page.table(("store", "objects", "hours", *readers), map(_store, answer.stores))
    page.space()
    page.put(("who reads one of them, and how: --to STORE; one recording: --to STORE/KEY", "dim"))
    instead = standing(answer.asked.estate).instead
    groups = sum(one.principal in instead for one in answer.principals)
    besides = f" and {count(groups, 'group')}" if groups else ""
    single = count(len(answer.principals) - groups, "principal")
    page.title(f"{single}{besides} can read or take steps, the widest first")
    shown = answer.principals if options.every else answer.principals[:_SHOWN]
    lengths = ("hours", "directly", "by steps", "by changes")
    accounts = answer.asked.estate.accounts
    names = Names(next(iter(accounts)) if len(accounts) == 1 else "", answer.asked.estate)
    page.table(("principal", "stores", "objects", *lengths), (_principal(one, names) for one in shown))
    if left := len(answer.principals) - len(shown):
        page.put((f"and {left:,} more (--all names them)", "dim"))
    page.space()
    if answer.secrets:
        _put_secrets(page, answer, options, names)
    page.put(("what one of them can come to read, and how: --from PRINCIPAL; with --to STORE, why or why not", "dim"))


def _put_secrets(page: Page, answer: Overview, options: ReportOptions, names: Names) -> None:
    """Write what whoever has a key or a signature reads. Whether somebody has one nobody can see."""
    page.title(f"{count(len(answer.secrets), 'secret')} that somebody may have")
    every = sorted(answer.secrets, key=lambda one: (-one[1].seconds, -one[1].objects))
    shown = every if options.every else every[:_SHOWN]
    page.table(("secret", "acts as", "stores", "objects", "hours"), (_secret(*one, names) for one in shown))
    if left := len(every) - len(shown):
        page.put((f"and {left:,} more (--all names them)", "dim"))
    page.space()


def _secret(secret: Secret, blast: Blast, names: Names) -> list[str]:
    """Tell of a secret by a name that --from takes, and as whom whoever has it comes, if that is a principal."""
    owner = "" if secret.principal in secret.names else names.short(secret.principal)
    return [secret.names[0], owner, f"{len(blast.stores):,}", f"{blast.objects:,}", tenths(blast.seconds / 3600)]


def _store(one: Holding) -> list[str]:
    who = one.readers
    figures = (who.direct, who.by_steps, who.by_changes, who.unknown)
    every = f"{'at least ' if who.at_least else ''}{who.readers:,}"
    hours = tenths(one.seconds / 3600)
    return [one.store.name, f"{one.objects:,}", hours, every, *(f"{figure:,}" for figure in figures)]


def _principal(one: Blast, names: Names) -> list[str]:
    """Tell of a principal by the shortest name that --from takes."""
    lengths = (one.seconds, one.seconds_direct, one.seconds_by_steps, one.seconds_by_changes)
    short = names.short(one.principal)
    name = one.principal if " " in short else short
    return [name, f"{len(one.stores):,}", f"{one.objects:,}", *(tenths(each / 3600) for each in lengths)]
