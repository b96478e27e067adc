"""Account groups, accounts, and the roles that users have in them."""
