"""How each platform speaks: one folder per platform, and the vocabulary they share."""
