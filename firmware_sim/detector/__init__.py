"""The recipe of a small detector of what firmware_sim renders (docs/detector.md)."""
