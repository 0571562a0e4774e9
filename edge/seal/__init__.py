"""The gateway's side of electronic seals: from frames on the air to readings without a number."""
