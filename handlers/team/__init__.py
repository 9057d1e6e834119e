"""Who is away and when, as far as the asker may know it."""
