"""Days and hours of the office: the working calendar, half-day slots, and dates as people write them."""
