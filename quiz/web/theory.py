"""The lessons: the theory behind the exercises, with numbers that the library computes."""

from functools import lru_cache

from markupsafe import Markup
from starlette.responses import Response

from quiz.lessons import book
from quiz.text import translate
from quiz.variants.variant import find
from quiz.web import pages
from quiz.web.site import Visit


def show(visit: Visit) -> Response:
    """Show a lesson, with links to the exercises that it explains."""
    found = book.lesson(visit.request.path_params["lesson"])
    exercises = [(name, translate(find(name).title, visit.lang)) for name in book.exercises_of(found)]
    about = {"heading": translate(found.title, visit.lang), "exercises": exercises}
    return pages.show(visit, "lesson.html", about | {"lesson": Markup(_lesson(found.name, visit.lang))})


@lru_cache(maxsize=64)
def _lesson(name: str, lang: str) -> str:
    from quiz.lessons import page  # computes the example, and loads JAX for it

    return page.lesson(name, lang, level=1)
