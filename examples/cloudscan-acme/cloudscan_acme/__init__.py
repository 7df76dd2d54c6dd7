"""A pack by somebody else, as an example: what cloudscan offers to its authors is all that it uses."""
