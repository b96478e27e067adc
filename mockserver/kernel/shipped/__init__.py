"""The shipped profiles as objects, one generated module each, so that a start validates none of them.

`python -m mockserver.kernel.compile_profiles` writes them from `profiles.json`, as pydantic reads it.
"""
