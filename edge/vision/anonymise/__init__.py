"""What of a picture may be shown, and the masks over the rest."""
