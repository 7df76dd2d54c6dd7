"""What commands do behind their arguments: options, the work itself, progress, and what is written."""
