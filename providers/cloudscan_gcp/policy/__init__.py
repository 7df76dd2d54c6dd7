"""Who may do what on Google Cloud: allow and deny policies, roles, conditions and access control lists. Pure.

From the documentation of Identity and Access Management ("Policy evaluation"): a request is refused if a deny policy
of the resource or of anything above it says so; it is granted if an allow policy of one of them gives the permission
by a role, and by nothing else. Cloud Storage adds access control lists, public access prevention and keys.
"""
