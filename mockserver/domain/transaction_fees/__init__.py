"""Transaction fees: models with tiers, and which account group has which of them."""
