"""The error of a test, a fixture or an option that asks for what cannot be."""

from __future__ import annotations


class MisuseError(Exception):
    """A marker or an option asks for what there is not; the text says what there is."""
