"""Cargo documents: bytes that others wrote, turned into manifests or refused."""
