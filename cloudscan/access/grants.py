"""What the documents of a cloud say: who may do what to a store, and who may become whom.

A provider derives both from the collected documents; :class:`cloudscan.access.AccessGraph` holds them.
Reach is *direct* where a principal's own rights are enough. Everything else takes steps, of two sorts: those that
only use the cloud as it is (assume a role), and those that change it (rewrite a policy, make a credential).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from cloudscan.access.answers import Decision
from cloudscan.model import Action, Answer, MediaClass, Step

Proof = Callable[[], tuple[Step, ...]]
"""The steps that prove something, made when somebody asks: an estate has more grants than anybody reads."""


def shown(*steps: Step) -> Proof:
    """Make the proof of steps that are there already."""
    return lambda: steps


class Part(NamedTuple):
    """Objects of one class that no grant on their store tells apart: the first of their keys, how many, how long."""

    example: str
    objects: int
    seconds: float


Apart = Callable[[], tuple[Part, ...]]
"""How objects lie in pieces, worked out when it is asked: only when all grants of a store are derived is it known what
tells its objects apart."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A principal may do an action on some objects of a store, under a decision, because of its steps.

    ``media`` and the counts say which objects are meant: those of that class to which this same decision
    applies. For actions on the store itself (list, administer) ``media`` is None and the counts are 0.
    ``example`` is the key of one such object, so that a person can try it. ``apart`` tells the same objects in pieces
    that all grants of the store share, so that what several grants give is added up once; () where they were too many.
    ``account`` is the principal's ("" for anyone); ``outside`` is True when it is none of the estate.

    ``by`` is "" for a direct grant. Otherwise it names what the principal would first do to the store or its key,
    as the cloud's own call ("s3:PutBucketPolicy"), and ``changes`` whether that changes the cloud; ``restores`` that it
    gives no right, but makes a key serve again under which its own rights suffice. The decision holds of all of it.
    """

    principal: str
    action: Action
    store: str
    decision: Decision
    prove: Proof
    media: MediaClass | None = None
    objects: int = 0
    bytes: int = 0
    seconds: float = 0.0
    example: str | None = None
    account: str = ""
    outside: bool = False
    by: str = ""
    changes: bool = False
    restores: bool = False
    apart: Apart = tuple

    @property
    def parts(self) -> tuple[Part, ...]:
        """The objects in pieces, as ``apart`` tells them."""
        return self.apart()

    @property
    def pieces(self) -> frozenset[str]:
        """Their first keys, by which grants on one store and class say whether they are about the same objects."""
        return frozenset(part.example for part in self.parts) or frozenset((self.example or "",))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The proof, link by link."""
        return self.prove()


@dataclass(frozen=True, slots=True)
class Edge:
    """Each of ``sources`` may become, or act as, each of ``targets`` by one step, under one decision.

    Principals that no document tells apart share an edge, so that a right over everything is one edge and not
    thousands. ``kind`` is the step in the field's own terms: ``assume-role``, ``pass-role:lambda``,
    ``iam:CreateAccessKey``. ``prove`` is asked for one source and one target.

    ``changes`` says that the step changes the cloud (a new function, a rewritten policy). ``reads_only`` says
    that the source gets no more of the target than what it reads, as from a speech job that runs as a role.
    ``media`` are the classes of objects that it reads then, () for all: a speech job reads no text.
    ``guise`` says that the targets are no principals of their own but what the sources become by this step:
    themselves with widened rights, or a guest of an identity pool.
    ``passing`` are guises that somebody takes on for it, and stays, beside the target.
    ``outside`` says that the sources belong to none of the estate's accounts, and ``account`` to which one if they
    all belong to it; ``agreed_id`` whether such a step asks for an id agreed with the outside party, which keeps a
    third party from using it through them.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    kind: str
    decision: Decision
    prove: Callable[[str, str], tuple[Step, ...]]
    changes: bool = False
    reads_only: bool = False
    media: tuple[MediaClass, ...] = ()
    guise: bool = False
    passing: tuple[str, ...] = ()
    outside: bool = False
    agreed_id: Answer = Answer.UNKNOWN
    account: str = ""
