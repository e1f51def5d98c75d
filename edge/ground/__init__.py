"""The ground plane: from what an installer measured to metres, and how far they can be trusted."""
