"""A request from somebody's words to a draft, and the change of one."""
