"""Scenarios: a world written down as YAML, with the steps that are played on it.

``load`` reads and checks one, ``build_world`` makes its world; :mod:`mockserver.replay` plays its steps over HTTP.
"""
