"""Leave: what people are entitled to, what they have taken, and why each number is what it is."""
