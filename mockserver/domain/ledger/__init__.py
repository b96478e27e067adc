"""The books: cash balances, positions, cash and securities transactions."""
