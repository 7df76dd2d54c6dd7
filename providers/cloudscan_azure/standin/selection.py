"""What Microsoft Graph tells of an object: what was selected, else what it tells without being asked.

From "Use query parameters to customize responses: select" and the properties of the resource types. Graph leaves out
what was not selected, so that who reads a property without asking for it reads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Told = dict[str, Any]
_ALWAYS = frozenset({"id", "@odata.type"})
_OF_USERS = "businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname"
_BY_DEFAULT: Mapping[str, frozenset[str]] = {"users": frozenset({*_OF_USERS.split(), "userPrincipalName"})}
"""What is told of a type, by the word of its path, where it is less than all ("List users: optional query parameters").
"""
_ONLY_SELECTED = frozenset({"customSecurityAttributes", "signInActivity"})


def chosen(path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer of Graph as it is for a request."""
    if not isinstance(body.get("value"), list):
        return _one(path, query, body)
    return {**body, "value": [_one(path, query, each) for each in body["value"]]}


def _one(path: str, query: Mapping[str, str], told: Mapping[str, Any]) -> Told:
    if selected := {name.strip() for name in query.get("$select", "").split(",") if name.strip()}:
        expanded = {part.partition("(")[0].strip() for part in query.get("$expand", "").split(",")}
        wanted = {*selected, *expanded, *_ALWAYS}
        return {name: value for name, value in told.items() if name in wanted or name.startswith("@odata.")}
    default = _BY_DEFAULT.get(path.strip("/").split("/")[1] if path.count("/") > 1 else "")
    return {
        name: value
        for name, value in told.items()
        if name not in _ONLY_SELECTED and (default is None or name in default | _ALWAYS)
    }
