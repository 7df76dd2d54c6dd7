"""Everything that cloudscan raises on purpose.

::

    CloudscanError
     ├── UsageError              the command line or an option is wrong               (exit 2)
     │    ├── PolicyFileError    the user's policy file is wrong; says where and how to mend it
     │    ├── MissingPart        something is not on this machine; says what, and how to come by it
     │    │    └── MissingExtra  an optional dependency is not installed; names the extra
     │    └── SnapshotError      a directory is no snapshot that this version can use
     │         ├── SnapshotIncomplete   a collection was interrupted and can go on
     │         ├── SnapshotTampered     a file is damaged, or does not match the manifest
     │         └── SnapshotTooNew       written by a newer cloudscan
     └── CollectionStopped       collection cannot go on now; what was collected is kept (exit 3)
          └── CredentialsExpired the caller's credentials ended during the collection

What a check raises is none of these: it is a :class:`cloudscan.report.Crash` of the result (exit 4).
A question that a cloud does not answer is not an exception: it is a :class:`cloudscan.model.Gap`.
"""

from __future__ import annotations


class CloudscanError(Exception):
    """The root of the tree; its text is one line that a user can act on."""


class UsageError(CloudscanError):
    """The command, an option or a file given by the user is wrong."""


class PolicyFileError(UsageError):
    """The policy file cannot be used as it is."""


class MissingPart(UsageError):
    """What was asked for needs something that is not on this machine."""


class MissingExtra(MissingPart):
    """A part needs a package that is not installed."""

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(f"{package} is not installed; install it with: pip install 'cloudscan[{extra}]'")
        self.extra = extra


class SnapshotError(UsageError):
    """The directory is not a snapshot that can be used."""


class SnapshotIncomplete(SnapshotError):
    """The collection into this snapshot has not finished."""


class SnapshotTampered(SnapshotError):
    """A file of the snapshot is missing, damaged, or not the one that was written."""


class SnapshotTooNew(SnapshotError):
    """The snapshot's format is newer than this version reads."""


class CollectionStopped(CloudscanError):
    """Collection cannot go on; the snapshot keeps what is whole and can be taken up again."""


class CredentialsExpired(CollectionStopped):
    """The cloud says that the caller's credentials are no longer valid."""
