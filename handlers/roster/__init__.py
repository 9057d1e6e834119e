"""What the office does when a platform says that its directory changed."""
