"""Approvals in a chat: questions, words, lists and files."""
