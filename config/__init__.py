"""What an office may change without a programmer: settings, forms, calendars."""
