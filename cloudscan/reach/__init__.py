"""Questions of who can reach what, and their answers."""
