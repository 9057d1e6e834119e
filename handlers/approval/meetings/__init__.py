"""What meetings and notices do when they are approved: rooms, calendars, minutes, tasks."""
