"""Words that sentences share: numbers of things, prices, and how some of them end."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Say how many: "1 store", "1,200 stores", "2 lists of objects"."""
    head, of, rest = noun.partition(" of ")
    return f"{number:,} {head if number == 1 else f'{head}s'}{of}{rest}"


def narrowing(provider: str) -> str:
    """Say what closes as much as taking a statement away: only some clouds have stores with policies that deny."""
    narrow = "to narrow its resources or conditions" if provider == "aws" else "to narrow its scope or condition"
    return f"{narrow}, or to deny the read in the store's policy," if provider == "aws" else f"{narrow}"


def lasting(seconds: float) -> str:
    """Say in brackets how long recordings are: " (1.6 h)", " (2 min)", " (<1 s)"; "" where no length is known."""
    if not seconds:
        return ""
    minutes = seconds / 60
    if minutes < 1:
        return f" ({round(seconds)} s)" if seconds >= 1 else " (<1 s)"
    return f" ({minutes / 60:,.1f} h)" if minutes >= 60 else f" ({round(minutes)} min)"


def dollars(amount: float) -> str:
    """Say a price: "$1,200.50", "less than $0.01"."""
    return f"${amount:,.2f}" if amount >= 0.005 else "less than $0.01"


def as_old(provider: str) -> str:
    """Say as what something is kept that is not the current version; Azure's snapshots count among old versions."""
    return "as old versions or snapshots" if provider == "azure" else "as old versions"


UNMET = "and who can meet that is not known"
"""How a sentence ends that names a condition on which something hangs: nothing that could be read would settle it."""
