"""A grant: what the documents of a cloud say that one principal may do to the recordings of one store."""

from __future__ import annotations

from dataclasses import dataclass

from cloudscan.access.answers import Decision
from cloudscan.model import Action, MediaClass, Step


@dataclass(frozen=True, slots=True)
class Grant:
    """A principal may do an action on some objects of a store, under a decision, because of these steps.

    ``media`` and the counts say which objects are meant: those of that class to which this same decision
    applies. For actions on the store itself (list, administer) ``media`` is None and the counts are 0.
    ``example`` is the key of one such object, so that a person can try it.
    ``account`` is the principal's ("" for anyone); ``outside`` is True when it is none of the estate.
    """

    principal: str
    action: Action
    store: str
    decision: Decision
    steps: tuple[Step, ...]
    media: MediaClass | None = None
    objects: int = 0
    bytes: int = 0
    seconds: float = 0.0
    example: str | None = None
    account: str = ""
    outside: bool = False
