"""Records that others can check: keys, heads, verification, bundles."""
