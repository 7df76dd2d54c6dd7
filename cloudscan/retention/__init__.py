"""What lifecycle rules would really do to the objects that exist. It knows no cloud: rules are neutral.

- ``rules``: what can be said of a store's rules without looking at an object.
- ``lives``: the objects of an estate, counted by all that rules go by: objects alike share their fate. ``questions``
  holds the SQL of it.
- ``fates``: the fate of such a group: deleted on which day by which rule, never, or not known.
- ``reasons``: why no rule took what is still there.
- ``older``: whether anything older than some days exists, over an estate.

Everything is said of what is there now, under the rules as they are now, if nobody writes or deletes anything.
Rules run once a day, at midnight UTC: an object that comes of an age during a day is taken at its end ("Lifecycle
configuration elements", Amazon S3: days are rounded up to the next midnight UTC). Other clouds do so within a day.
"""

from cloudscan.retention.fates import Fate, fate
from cloudscan.retention.lives import Group, Member, Pair, Tie, groups, members, pairs
from cloudscan.retention.questions import Ask
from cloudscan.retention.rules import (
    clears_all_versions,
    clears_uploads,
    expires_all,
    replication_unknown,
    rules_in_force,
)

__all__ = [
    "Ask",
    "Fate",
    "Group",
    "Member",
    "Pair",
    "Tie",
    "clears_all_versions",
    "clears_uploads",
    "expires_all",
    "fate",
    "groups",
    "members",
    "pairs",
    "replication_unknown",
    "rules_in_force",
]
