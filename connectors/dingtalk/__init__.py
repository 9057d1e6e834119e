"""DingTalk: HTTP push and Stream in, robot messages, interactive cards, work notices and DING out (`dingtalk.md`)."""
