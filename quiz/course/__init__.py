"""A teacher's course: a separate paper for each student, keys, marking, remarking and analysis.

A course is a folder with ``course.json``, the secret key ``secret`` (mode 0600) and ``course.sqlite``. The
seeds of papers are derived from the secret, so that nobody else can make the variants and read their keys.
"""
