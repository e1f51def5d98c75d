"""The plate detector's workshop: draws its training set, trains it, converts it, and says what mattered."""
