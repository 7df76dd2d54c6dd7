"""Parts that providers are made of, where clouds do not differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from cloudscan.estate import Estate
from cloudscan.model import MediaClass
from cloudscan.provider import Advising, Facet, Halfway, Revisable, Scope


class Wanting:
    """The part of what is collected, an account or what lies above it, that knows which questions are wanted of it."""

    __slots__ = ()
    scope: Scope

    def wants(self, *facets: Facet) -> bool:
        """Does any selected check need one of these."""
        return not self.scope.facets.isdisjoint(facets)


class Removal(Revisable, Advising, Protocol):
    """What a provider knows of the statements of its cloud; a module that has these functions is one."""


class Revising:
    """The part of a provider that leaves all questions of statements to one module."""

    def removal(self) -> Removal:
        """Return that module. It is imported when it is asked for, so that the command starts at once."""
        raise NotImplementedError

    def without(self, estate: Estate, statements: Collection[str]) -> Estate:
        """Say how an estate would be without some statements, as :class:`Revisable` does."""
        return self.removal().without(estate, statements)

    def statements(self, estate: Estate) -> Collection[str]:
        """Return the names of the statements that can be taken out."""
        return self.removal().statements(estate)

    def says(self, estate: Estate, statements: Collection[str]) -> Mapping[str, str]:
        """Say what statements do, as :class:`Advising` does."""
        return self.removal().says(estate, statements)

    def upkeep(self, estate: Estate) -> Collection[str]:
        """Return the names of the statements by which something is administered that nobody else could administer."""
        return self.removal().upkeep(estate)


class Decrypting:
    """The part of a provider whose storage decrypts for its readers, who need no right on the key."""

    def halfway(self, estate: Estate, store: str, media: MediaClass | None = None) -> Sequence[Halfway]:
        """Return nobody. Whom a key keeps out that serves nobody is told of the key."""
        return ()
