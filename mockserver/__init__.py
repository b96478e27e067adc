"""A mock of the Upvest Investment API."""

__distribution__ = "upvest-mockserver"
"""By this the commands and the plugin see that ``mockserver`` is this package and no other of that name."""

__version__ = "0.1.0"
"""The version of the distribution, too: pyproject.toml reads it here."""
