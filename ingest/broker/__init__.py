"""The MQTT broker: its configuration, its certificates, its process. Nothing here carries data."""
