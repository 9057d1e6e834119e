"""When things happen without anybody tapping."""
