"""Find recorded speech and its transcripts in the cloud, and prove who can reach them.

The one way that data flows: a provider collects records into a snapshot; an estate opens the
snapshot for questions; checks judge; reports print. Only collection touches a network.
"""

__version__ = "0.1.0"
POLICY_FILE = "cloudscan.yaml"
"""The name under which a policy file is looked for."""
