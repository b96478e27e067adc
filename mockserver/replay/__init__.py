"""Replaying scenarios: their steps are played on a server over HTTP, and what comes is compared and kept."""
