"""The process that has the network and never sees a pixel."""
