"""Advance cargo: where it is kept, how files come in, and the cross-check while things happen."""
