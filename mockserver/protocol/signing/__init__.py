"""HTTP message signatures of requests, versions 15 and 6 (concepts.md §2): checked as the API does, and explained.

Pure: everything is passed in, the time too. ``verifying`` is where to start reading.
"""
