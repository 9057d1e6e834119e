"""What came in, once; what must go out, at least once; what is due."""
