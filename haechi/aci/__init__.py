"""Advance cargo information: identifiers, shipments, voyages and the policy they are judged by."""
