"""Every text that a person reads, in Kazakh, Russian and English: the gettext catalogs beside this file.

Besides them messages with values in them, numbers as each language writes and reads them, and errors.
"""

from quiz.text.catalog import LANGUAGES, mark, mark_plural, plural, translate

__all__ = ["LANGUAGES", "mark", "mark_plural", "plural", "translate"]
