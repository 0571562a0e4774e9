"""What people see: the operator console, its pushes and its map."""
