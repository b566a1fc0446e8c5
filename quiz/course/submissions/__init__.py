"""Untrusted submissions: found in files and archives, read strictly, never executed."""
