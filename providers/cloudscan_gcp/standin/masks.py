"""Partial responses: what is left of an answer when a request names its ``fields``.

The syntax is that of "Cloud Storage JSON API: Performance tips, partial response": ``a,b/c,d(e,f),*``.
A collector that forgets a field in its mask has to notice, so the mask is applied as Google applies it.
"""

from __future__ import annotations

import re
from typing import Any

Mask = dict[str, "Mask"]
"""Names to what is wanted below them; an empty mask wants everything."""

_TOKENS = re.compile(r"[\w*$@.-]+|[,/()]")


def read(text: str) -> Mask:
    """Read a mask; ValueError for one that makes no sense."""
    tokens = _TOKENS.findall(text)
    if "".join(tokens) != text:
        raise ValueError(f"invalid field selection {text!r}")
    mask, rest = _several(tokens)
    if rest:
        raise ValueError(f"invalid field selection {text!r}")
    return mask


def apply(mask: Mask, value: Any) -> Any:
    """Return what the mask leaves of an answer; lists are looked through."""
    if not mask:
        return value
    if isinstance(value, list):
        return [apply(mask, each) for each in value]
    if not isinstance(value, dict):
        return value
    below = {name: mask[name] if name in mask else mask["*"] for name in value if name in mask or "*" in mask}
    return {name: apply(wanted, value[name]) for name, wanted in below.items()}


def _several(tokens: list[str]) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        tokens = _one(mask, tokens)
        if not tokens or tokens[0] != ",":
            return mask, tokens
        tokens = tokens[1:]


def _one(mask: Mask, tokens: list[str]) -> list[str]:
    if not tokens or tokens[0] in ",/()":
        raise ValueError("invalid field selection: a name is missing")
    below = mask.setdefault(tokens[0], {})
    tokens = tokens[1:]
    if tokens and tokens[0] == "/":
        return _one(below, tokens[1:])
    if tokens and tokens[0] == "(":
        inner, tokens = _several(tokens[1:])
        if not tokens or tokens[0] != ")":
            raise ValueError("invalid field selection: a parenthesis is open")
        below.update(inner)
        return tokens[1:]
    return tokens
