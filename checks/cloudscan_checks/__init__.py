"""The checks that come with cloudscan: one file, one check. ``catalog.CHECKS`` lists them."""
