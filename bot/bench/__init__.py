"""`officebot bench`: what this program costs, as ratios to what the same machine can do in the same run (README.md)."""
