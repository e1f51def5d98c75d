"""The boundary between the process that sees and the process that speaks: standard library only."""
