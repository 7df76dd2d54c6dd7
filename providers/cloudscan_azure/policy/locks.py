"""Management locks: what Azure Resource Manager refuses to everybody, whatever their roles.

From "Lock your Azure resources to protect your infrastructure": a lock holds for its scope and everything below it. A
read-only lock refuses whatever is no read, listing the keys of a storage account and assigning roles on it among
that; a lock against deleting refuses to delete. No lock stops requests for data, nor the removal of locks themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from cloudscan_azure.policy.operations import Operation

_READ_ONLY = "readonly"
_LEVELS = (_READ_ONLY, "cannotdelete")


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock; ``level`` is "" for one that makes no sense, and may refuse anything but a read."""

    id: str
    level: str

    def refuses(self, operation: Operation) -> bool:
        """Whether it refuses an operation, or may."""
        action = operation.action.lower()
        if not operation.managed or action.startswith("microsoft.authorization/locks/") or action.endswith("/read"):
            return False
        return self.level in ("", _READ_ONLY) or action.endswith("/delete")


class _Properties(msgspec.Struct):
    level: str = ""


class _Lock(msgspec.Struct):
    properties: _Properties = msgspec.field(default_factory=_Properties)


_DECODER = msgspec.json.Decoder(_Lock)


def read_lock(name: str, document: str) -> Lock:
    """Read a lock as the cloud returned it."""
    try:
        level = _DECODER.decode(document).properties.level.lower()
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        level = ""
    return Lock(name, level if level in _LEVELS else "")
