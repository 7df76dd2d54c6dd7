"""Who and what the stand-in knows of itself: one tenant, one subscription, one application that asks."""

TENANT = "72f988bf-0000-4000-8000-0000000000aa"
SUBSCRIPTION = "5ab5c819-0000-4000-8000-000000000001"
CLIENT = "5ca11e70-0000-4000-8000-0000000000c1"
SECRET = "only-the-stand-in-takes-this"  # noqa: S105 - it opens nothing
SCANNER = "5ca11e70-0000-4000-8000-0000000000b1"
"""The object id of the service principal that asks."""
