"""Users and what is known of them: identifiers, tax residencies, changes of their data."""
