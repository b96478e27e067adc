"""Money that comes in and goes out: bank details, direct debits, bank transfers and credit fundings."""
