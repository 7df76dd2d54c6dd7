"""The user's policy file: what it may say, what is wrong with one, and what it leaves open."""
