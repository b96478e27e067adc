"""German tax exemptions, and the tax that is withheld less what they exempt."""
