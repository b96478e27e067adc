"""The way to an account that trades: checks, activation of users, opening and approval of accounts."""
