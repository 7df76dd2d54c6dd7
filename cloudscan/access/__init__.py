"""Who can reach what: the vocabulary of answers that every cloud shares, and the graph that holds them."""

from cloudscan.access.answers import NO, YES, Decision, Effect, Reason, Ruling, both, decide, either
from cloudscan.access.grants import Grant
from cloudscan.access.graph import AccessGraph

__all__ = [
    "NO",
    "YES",
    "AccessGraph",
    "Decision",
    "Effect",
    "Grant",
    "Reason",
    "Ruling",
    "both",
    "decide",
    "either",
]
