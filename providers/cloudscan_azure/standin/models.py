"""The models of Azure's management libraries for Python, read as JSON Schema.

The libraries have two generations: models that map attributes to names with types as annotations, and those that have a
table of keys and types in words. Both name every property that a version of an API has, so that what they do not name
is refused; enumerations are held where a model names one. A property that may be absent may also be null.
"""

from __future__ import annotations

import datetime
import functools
import importlib
import inspect
import re
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

Schema = dict[str, Any]
_TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"}
_UNIX = "unix-timestamp"
_SECONDS = {"type": ["integer", "null"]}
"""A time as a model of the newer generation has it whose format is ``unix-timestamp``."""
_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bytes: {"type": "string"},
    type(None): {"type": "null"},
    datetime.datetime: _TIME,
    datetime.date: {"type": "string", "format": "date"},
    datetime.timedelta: {"type": "string", "pattern": "^P"},
    Any: {},
    object: {},
}
_WORDS: Mapping[str, Schema] = {
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": "number"},
    "iso-8601": _TIME,
    "rfc-1123": {"type": "string"},
    "date": {"type": "string"},
    "duration": {"type": "string", "pattern": "^P"},
    "object": {},
}


@functools.cache
def schema(package: str, name: str) -> Schema:
    """Return the schema of a model by the package of a library's models and its name.

    Raises ImportError where the library is not installed, LookupError for a model that it does not have.
    """
    module = importlib.import_module(package)
    found: dict[str, Schema] = {}
    reference = _model(module, name, found)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **reference, "$defs": found}


def _model(module: types.ModuleType, name: str, found: dict[str, Schema]) -> Schema:
    if name not in found:
        model = getattr(module, name, None)
        if not inspect.isclass(model):
            raise LookupError(f"{module.__name__} has no model {name}")
        found[name] = {}  # so that a model may hold itself
        made = _by_table(module, model, found) if hasattr(model, "_attribute_map") else _by_hints(module, model, found)
        found[name].update(made)
    return {"$ref": f"#/$defs/{name}"}


def _by_hints(module: types.ModuleType, model: Any, found: dict[str, Schema]) -> Schema:
    """A model of the newer generation."""
    names = vars(importlib.import_module(f"{module.__name__}._models")) | {"_models": module}
    hints = typing.get_type_hints(model, globalns=names)
    model.__new__(model)  # which is when a model learns the names of its fields
    fields = model._attr_to_rest_field  # noqa: SLF001 - there is no other table of them
    properties = {
        field._rest_name: _SECONDS if field._format == _UNIX else _type(module, hints[name], found)  # noqa: SLF001
        for name, field in fields.items()
    }
    needed = [field._rest_name for name, field in fields.items() if not _may_be_none(hints[name])]  # noqa: SLF001
    own = {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}
    known = getattr(model, "__mapping__", {}).values()  # a model shares that of what it is a kind of
    kinds = [each for each in known if each is not model and issubclass(each, model)]
    return {"anyOf": [own, *(_model(module, each.__name__, found) for each in kinds)]} if kinds else own


def _may_be_none(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def _type(module: types.ModuleType, hint: Any, found: dict[str, Schema]) -> Schema:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        enums = [each for each in arguments if inspect.isclass(each) and issubclass(each, Enum)]
        kept = [each for each in arguments if not (enums and each is str)]
        return {"anyOf": [_type(module, each, found) for each in kept]}
    if origin is typing.Literal:
        return {"enum": [each.value if isinstance(each, Enum) else each for each in arguments]}
    if origin is list:
        return {"type": "array", "items": _type(module, arguments[0], found)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(module, arguments[1], found)}
    if hint in _PLAIN:
        return _PLAIN[hint]
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return {"enum": [each.value for each in hint]}
    if inspect.isclass(hint) and hasattr(module, hint.__name__):
        return _model(module, hint.__name__, found)
    raise LookupError(f"{module.__name__} has a type that is not known here: {hint}")


def _by_table(module: types.ModuleType, model: Any, found: dict[str, Schema]) -> Schema:
    """A model of the older generation; a key such as ``properties.scope`` stands for a nested object."""
    top = _object()
    for told in model._attribute_map.values():  # noqa: SLF001 - there is no other table of them
        at = top
        if not told["key"]:  # whatever else there is
            top["additionalProperties"] = True
            continue
        *way, last = [each.replace("\\.", ".") for each in re.split(r"(?<!\\)\.", told["key"])]
        for name in way:
            at = at["properties"].setdefault(name, _object())
        at["properties"][last] = {"anyOf": [_word(module, told["type"], found), {"type": "null"}]}
    return top


def _object() -> Schema:
    return {"type": "object", "properties": {}, "additionalProperties": False}


def _word(module: types.ModuleType, told: str, found: dict[str, Schema]) -> Schema:
    if told.startswith("["):
        return {"type": "array", "items": _word(module, told[1:-1], found)}
    if told.startswith("{"):
        return {"type": "object", "additionalProperties": _word(module, told[1:-1], found)}
    return _WORDS[told] if told in _WORDS else _model(module, told, found)
