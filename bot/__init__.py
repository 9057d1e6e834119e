"""The running program: puts all parts together, takes HTTP in, shows pages, offers commands."""
