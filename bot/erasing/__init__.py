"""Personal data that goes: on request, and when its time is over."""
