"""Systems that others built and that plug in as they are: what they publish becomes readings."""
