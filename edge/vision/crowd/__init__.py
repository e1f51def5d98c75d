"""How many people stand in a zone where tracks no longer tell: a fit made on the spot, or a density network."""
