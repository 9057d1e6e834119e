"""Forms as data: what a file may say, how it is filled in, and the route that follows from it."""
