"""A teacher's course: papers of each student's own, keys, marks, remarking, analysis; one file a concept.

A course is a folder with ``course.json``, the secret key ``secret`` (mode 0600) and ``course.sqlite``. The
seeds of papers come from the secret, so nobody without it can make the variants again and read their keys.
"""
