"""What runs beside a drone's radio: MAVLink 2 in, readings out, commands the other way."""
