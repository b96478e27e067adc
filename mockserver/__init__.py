"""A mock of the Upvest Investment API."""

__distribution__ = "upvest-mockserver"
"""By this the commands and the plugin see that ``mockserver`` is this package and no other of that name."""
