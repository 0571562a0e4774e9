"""The shell around the rules: takes messages from the broker, keeps them, asks, acknowledges."""
