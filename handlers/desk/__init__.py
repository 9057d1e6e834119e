"""The bot's front desk: what it answers when no area of work knows the words."""
