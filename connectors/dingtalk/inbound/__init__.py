"""What DingTalk says to us: one file per door, and the translators that Stream and HTTP share. Pure."""
