"""Who can reach what: the vocabulary of answers for every cloud.

A decision is yes, no, yes under a condition, or unknown because of a fact that was not seen. The evaluators
of the clouds live with their providers; they speak in these words.
"""

from cloudscan.access.answers import Decision, Effect, Reason, Ruling, both, decide, either
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Context, Test, keys
from cloudscan.access.grants import Edge, Grant, Part, Proof, shown
from cloudscan.access.graph import AccessGraph
from cloudscan.access.hands import Hand, Hands, Leg, Need
from cloudscan.access.paths import Blast, Chokepoint, Counts, Cut, Path, Paths, Reader, Removal, Way
from cloudscan.access.sentences import only_if, sentence
from cloudscan.access.states import States

__all__ = [
    "ALWAYS",
    "NEVER",
    "AccessGraph",
    "Blast",
    "Chokepoint",
    "Condition",
    "Context",
    "Counts",
    "Cut",
    "Decision",
    "Edge",
    "Effect",
    "Grant",
    "Hand",
    "Hands",
    "Leg",
    "Need",
    "Part",
    "Path",
    "Paths",
    "Proof",
    "Reader",
    "Reason",
    "Removal",
    "Ruling",
    "States",
    "Test",
    "Way",
    "both",
    "decide",
    "either",
    "keys",
    "only_if",
    "sentence",
    "shown",
]
