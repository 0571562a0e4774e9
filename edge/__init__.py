"""What runs beside a sensor: it reads, numbers, keeps and sends until ingest says it is kept."""
