"""What may be asked for: operations of the management plane, and those of Blob Storage that need data actions.

From "Permissions for calling data operations" (Blob Storage REST API) for the actions, from "Create an account SAS" and
"Create a service SAS" for the letters that a shared access signature needs, and from "Access control lists in Azure
Data Lake Storage" for what a list has to give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that somebody may ask for.

    ``action`` is what a role has to permit, among its data actions where ``data``. ``sub`` are the suboperations that
    conditions tell apart. ``managed`` says that Azure Resource Manager takes the request, so that locks count.
    ``letters`` are the permissions of a shared access signature of which one suffices, and ``level`` is what resource
    type an account SAS has to be for (c, o). ``on_file`` and ``on_folder`` are what an access control list has to give
    on a file or folder itself, and on the folder that it is in. ``also`` are other spellings by which roles name it.
    """

    name: str
    action: str
    data: bool = False
    sub: frozenset[str] = frozenset()
    managed: bool = True
    letters: str = ""
    level: str = ""
    on_itself: str = ""
    on_folder: str = "x"
    also: tuple[str, ...] = ()

    def is_among(self, actions: Iterable[str], fits: Callable[[str, Iterable[str]], bool]) -> bool:
        """Say whether it is one of some actions, which may have stars, in any of its spellings."""
        return any(fits(each, actions) for each in (self.action, *self.also))


def managing(action: str) -> Operation:
    """Return an operation of the management plane by its action."""
    return Operation(action, action)


def on_data(action: str) -> Operation:
    """Return an operation of another service's data plane by its data action."""
    return Operation(action, action, data=True, managed=False)


def _blob(name: str, verb: str, letters: str, level: str = "o", **more: object) -> Operation:
    told: dict[str, object] = {"data": True, "managed": False, "letters": letters, "level": level, **more}
    return Operation(name, f"{_BLOBS}/{verb}", **told)  # type: ignore[arg-type]


GET_BLOB = _blob("Get Blob", "read", "r", sub=frozenset({"blob.read.withtagconditions"}), on_itself="r")
LIST_BLOBS = _blob("List Blobs", "read", "l", "c", sub=frozenset({"blob.list"}), on_itself="rx")
PUT_BLOB = _blob("Put Blob", "write", "cw", on_itself="w")
DELETE_BLOB = _blob("Delete Blob", "delete", "d", on_folder="wx")
SUPER_USER = _blob("any operation on blobs as a super user", "runAsSuperUser/action", "")
"""What lists do not bind, in an account with a hierarchical namespace."""
GET_TAGS = _blob("Get Blob Tags", "tags/read", "t")
ASSIGN_ROLES = managing("Microsoft.Authorization/roleAssignments/write")
DELEGATE = Operation(
    "Get User Delegation Key",
    "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
    managed=False,
)
LIST_CONTAINERS = Operation(
    "List Containers",
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    managed=False,
    letters="l",
    level="s",
)
BY_NAME = {one.name: one for one in (GET_BLOB, LIST_BLOBS, PUT_BLOB, DELETE_BLOB, GET_TAGS, DELEGATE, LIST_CONTAINERS)}
"""The operations of Blob Storage by the names of its REST API."""
