"""Which transcript comes from which recording."""
