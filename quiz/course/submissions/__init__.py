"""Submissions, which come from strangers: found in files and archives, read strictly, never executed."""
