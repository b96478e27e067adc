"""Orders from placement to settlement, cancellation, expiry and mistrade."""
