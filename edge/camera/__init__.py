"""From a pixel of a fixed camera to a place on the water, and back, with what may be wrong."""
