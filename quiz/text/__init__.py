"""Every text that a person reads, in Kazakh, Russian and English: the gettext catalogs beside this file.

Also here: messages filled with values, numbers as each language writes and reads them, and errors.
"""

from quiz.text.catalog import LANGUAGES, mark, mark_plural, plural, translate

__all__ = ["LANGUAGES", "mark", "mark_plural", "plural", "translate"]
