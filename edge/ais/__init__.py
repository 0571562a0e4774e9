"""The AIS receiver agent's reading side: from bytes of any source to readings without a number."""
