"""One target, several sensors: which track of a camera is which vessel, and which other track."""
