"""What runs beside a camera: frames in, followed objects with places and evidence out."""
