"""Corporate actions: announced by command, booked on their day (payments.md §15)."""
