"""Yunzhijia (云之家): one light app, its public account and its robots on one tenant."""
