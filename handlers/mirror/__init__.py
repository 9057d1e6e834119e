"""Approvals that live in a platform and not with us: seen, read again there, written down, told across platforms."""
