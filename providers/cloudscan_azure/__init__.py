"""Azure: reserved for the provider of that name; it registers nothing yet."""
