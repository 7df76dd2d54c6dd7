"""From plans of providers to a snapshot: units run on threads, and what deserves a look is chosen."""
