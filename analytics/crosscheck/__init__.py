"""What was declared about cargo, held against what sensors, carriers and terminals saw."""
