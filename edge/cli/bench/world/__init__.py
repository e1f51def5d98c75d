"""A world without pixels: things on a ground, seen by a camera through the errors of the real detector."""
