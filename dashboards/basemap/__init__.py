"""The base map of the console, built once at set-up so that the page needs no network."""
