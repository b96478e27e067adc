"""The dashboard under ``/_mock/ui/``: pages over the commands of the control API, which know nothing that it does not.

Nothing of this package is imported before the first page is opened.
"""
