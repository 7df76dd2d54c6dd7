"""``python -m cloudscan``: the command, where its script is not on the path."""

from cloudscan.cli import main

if __name__ == "__main__":
    main()
