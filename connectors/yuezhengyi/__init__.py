"""粤政易, and every private deployment of the WeCom family: the parent's code with other settings."""
