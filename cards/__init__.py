"""What people see and tap, free of any platform."""
