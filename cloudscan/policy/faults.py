"""Where the content of a policy file is not of the shape that it must have, as a sentence.

The shape is that of the types that the policy is made of, so there is one description of it. The sentence names
the key, what it must be and what it is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import isnan

from msgspec import inspect


def fault(body: object, kind: type) -> str | None:
    """Say what is wrong first with a body that is to become a value of this type; None when nothing is."""
    top = inspect.type_info(kind)
    if isinstance(top, inspect.StructType) and not isinstance(body, dict):
        names = " and ".join([field.name for field in top.fields if field.name != "version"][:2])
        return f"the file must be {_MAPPING} with keys such as {names}, not {_named(body)}"
    return _fault(body, top, "")


_MAPPING = "a mapping (key: value)"


def _fault(value: object, kind: inspect.Type, place: str) -> str | None:
    match kind:
        case inspect.UnionType(types=types):
            wanted = [each for each in types if not isinstance(each, inspect.NoneType)]
            if len(wanted) > 1:
                return _of_several(value, wanted, place)
            return None if value is None else _fault(value, wanted[0], place)
        case inspect.StructType() | inspect.DictType() if not isinstance(value, dict):
            return _wrong(value, _MAPPING, place)
        case inspect.StructType():
            return _in_section(_dict(value), kind, place)
        case inspect.DictType():
            return _in_mapping(_dict(value), kind, place)
        case inspect.ListType() if not isinstance(value, list):
            hint = "; begin each entry with a dash" if isinstance(value, dict) else ""
            return _wrong(value, "a list", place, f"; write [{value!r}]" if isinstance(value, str) else hint)
        case inspect.ListType(item_type=item):
            entries = value if isinstance(value, list) else []
            return _first(_fault(entry, item, f"{place}[{number}]") for number, entry in enumerate(entries))
        case _:
            return None if _fits(value, kind) else _wrong(value, _words(kind), place, _hint(value, kind))


def _of_several(value: object, kinds: Sequence[inspect.Type], place: str) -> str | None:
    """Say what is wrong with what may be text or a list of it."""
    if isinstance(value, list):
        return _first(_fault(value, kind, place) for kind in kinds if isinstance(kind, inspect.ListType))
    words, hint = "text or a list of it", "; put it in quotes" if isinstance(value, bool | int | float) else ""
    return None if isinstance(value, str) else _wrong(value, words, place, hint)


def _dict(value: object) -> Mapping[object, object]:
    return value if isinstance(value, dict) else {}


def _in_section(body: Mapping[object, object], kind: inspect.StructType, place: str) -> str | None:
    fields = {field.name: field for field in kind.fields}
    for name in body:
        if name not in fields:
            hint = near(str(name), list(fields)) or f"; known keys: {', '.join(fields)}"
            return f"unknown key {name!r} at {place or 'the top level'}{hint}"
    missing = [field.name for field in kind.fields if field.required and field.name not in body]
    if missing:
        return f"{place} needs the {'key' if len(missing) == 1 else 'keys'} {_listed(missing, 'and')}"
    return _first(_fault(body[name], fields[str(name)].type, f"{place}.{name}".lstrip(".")) for name in body)


def _in_mapping(body: Mapping[object, object], kind: inspect.DictType, place: str) -> str | None:
    for name in body:
        if not isinstance(name, str):
            return f"the key {_plain(name)} at {place} must be text; put it in quotes"
    return _first(_fault(value, kind.value_type, f"{place}.{name}") for name, value in body.items())


def _first(faults: Iterable[str | None]) -> str | None:
    return next((each for each in faults if each), None)


def _fits(value: object, kind: inspect.Type) -> bool:
    match kind:
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool) and _within(value, kind)
        case inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool) and _within(value, kind)
        case inspect.DateType():
            return _is_date(value)
        case _:
            return any(value == choice and type(value) is type(choice) for choice in _choices(kind))


def _within(value: float, kind: inspect.IntType | inspect.FloatType) -> bool:
    return not isnan(value) and (kind.ge is None or value >= kind.ge) and (kind.le is None or value <= kind.le)


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return isinstance(value, date) and not isinstance(value, datetime)
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _choices(kind: inspect.Type) -> list[object]:
    if isinstance(kind, inspect.EnumType):
        return [member.value for member in kind.cls]
    return list(kind.values) if isinstance(kind, inspect.LiteralType) else []


def _wrong(value: object, wanted: str, place: str, hint: str = "") -> str:
    if value is None:
        return f"{place} must be {wanted}, but nothing is given; leave the key out"
    return f"{place} must be {wanted}, not {_named(value)}{hint}"


def _words(kind: inspect.Type) -> str:
    match kind:
        case inspect.StrType():
            return "text"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType() | inspect.FloatType():
            return ("a whole number" if isinstance(kind, inspect.IntType) else "a number") + _range(kind)
        case inspect.DateType():
            return "a date such as 2027-06-30"
        case _:
            return _listed([str(choice) for choice in _choices(kind)], "or")


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    if kind.ge is None:
        return ""
    return f" of {kind.ge:,} or more" if kind.le is None else f" from {kind.ge:,.0f} to {kind.le:,.0f}"


def _named(value: object) -> str:
    match value:
        case str():
            return f"the text {value if len(value) <= 60 else value[:60] + '...'!r}"
        case bool() | None:
            return _plain(value)
        case int() | float():
            return f"the number {_plain(value)}"
        case date():
            return f"the date {value.isoformat()}"
        case dict():
            return "a mapping"
        case _:
            return "a list"


def _plain(value: object) -> str:
    """Write a value as YAML does. Python refuses to write out a number of thousands of digits."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "of more than 60 digits" if isinstance(value, int) and abs(value) >= 10**60 else str(value)


def _hint(value: object, kind: inspect.Type) -> str:
    if isinstance(kind, inspect.StrType):
        return "; put it in quotes" if isinstance(value, bool | int | float | date) else ""
    if isinstance(kind, inspect.IntType) and isinstance(value, str) and value.isdecimal():
        begins = value != "0" and value.startswith("0")
        return "; write it without the leading zero" if begins else "; take the quotes away"
    return near(str(value), [str(choice) for choice in _choices(kind)])


def near(text: str, known: Sequence[str]) -> str:
    """Return the end of a sentence that names the known word nearest to a text; "" if none is near."""
    found = difflib.get_close_matches(text.casefold(), known, n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def _listed(words: Sequence[str], joint: str) -> str:
    return f"{', '.join(words[:-1])} {joint} {words[-1]}" if len(words) > 1 else words[0]
