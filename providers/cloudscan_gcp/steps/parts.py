"""How the uses of permissions that steps take are proved on Google Cloud."""

from __future__ import annotations

from functools import partial

from cloudscan.access import parts
from cloudscan_gcp.policy.supposed import Bound

ANEW = Bound("").binding
"""How the name of a binding begins that a step would write, and which stands in no policy yet."""
steps = partial(parts.steps, anew=ANEW)
"""Yields the proof of one use of a permission, statement by statement."""
