"""Shared vocabulary of the platform: units, identifiers, topics, messages and findings."""
