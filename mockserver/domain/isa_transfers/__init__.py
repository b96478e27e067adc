"""ISA transfers: cash that moves between ISAs, of one manager or of two (payments.md §11.3)."""
