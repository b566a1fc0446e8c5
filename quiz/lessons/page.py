"""Lessons as HTML, a part of a page for the browser; and all of them as Markdown, for the site."""

from html import escape

from quiz.lessons import book
from quiz.lessons.build import Built, build
from quiz.lessons.words import HEADS
from quiz.render import figure_svg
from quiz.render.fields import math
from quiz.render.html import picture
from quiz.text import translate


def lesson(name: str, lang: str, level: int = 2) -> str:
    """Return a lesson as HTML, its headings below a title of a level; ``name`` as in `quiz.lessons.book`."""
    built = build(book.lesson(name), lang)
    title = f'<h{level} id="lesson-{escape(name)}">{math(built.title)}</h{level}>'
    return f'<section class="lesson">\n{title}\n{_html(built, lang, level)}\n</section>'


def all_lessons(lang: str) -> str:
    """Return one page of Markdown with all lessons in a language, for the site."""
    parts = [f"# {translate(HEADS['all'], lang)}", ""]
    for found in book.LESSONS.values():
        built = build(found, lang)
        parts += [f"## {built.title}", "", _html(built, lang, 2), ""]
    return "\n".join(parts)


def _html(built: Built, lang: str, level: int) -> str:
    def head(name: str) -> str:
        return f"<h{level + 1}>{escape(translate(HEADS[name], lang))}</h{level + 1}>"

    svg = figure_svg.draw(built.figure, built.known, lang)
    steps = "".join(f"<li>{math(line)}</li>" for line in built.example.lines)
    checks = "".join(
        f"<li>{math(question)}<details><summary>{escape(translate(HEADS['answer'], lang))}</summary>"
        f"<p>{math(answer)}</p></details></li>"
        for question, answer in built.checks
    )
    return "\n".join(
        [
            *(f"<p>{math(paragraph)}</p>" for paragraph in built.idea),
            head("formula"),
            f"<p>{math(built.formula)}</p>",
            picture(svg, figure_svg.alt(built.figure, built.known, lang)),
            head("example"),
            f"<p>{math(built.example.text)}</p>",
            *(f"<p>{math(option)}</p>" for option in built.example.options),
            f"<ol>{steps}</ol>",
            head("mistakes"),
            "<ul>" + "".join(f"<li>{math(mistake)}</li>" for mistake in built.mistakes) + "</ul>",
            head("checks"),
            f"<ol>{checks}</ol>",
            f"<p>{escape(built.place)}</p>",
            f"<p>{escape(translate(HEADS['practise'], lang))} {escape(', '.join(built.exercises))}</p>",
        ]
    )
