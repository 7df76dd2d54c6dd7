"""What a scan did not see or look at, and what that leaves open."""
