"""The rules: each module is one, and says its definition, its source and its thresholds."""
