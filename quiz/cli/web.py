"""The commands that serve pages, which call `quiz.web`."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from quiz.cli.console import say
from quiz.cli.options import lang_option
from quiz.text import mark as _
from quiz.text.errors import Refusal

port_option: Callable[[Any], Any] = click.option(
    "--port", type=click.IntRange(1, 65535), help=_("The port; by default a free one.")
)


def _check_extra() -> None:
    """Refuse to start without the packages that the pages need."""
    missing = [
        n for n in ("starlette", "uvicorn", "jinja2", "sqlalchemy") if importlib.util.find_spec(n) is None
    ]
    if missing:
        raise Refusal(
            _("this needs %(names)s; install them with `pip install jaxnet-quiz[web]`"),
            names=", ".join(missing),
        )


@click.command()
@port_option
@click.option("--browser/--no-browser", default=True, help=_("Whether to open the page in the browser."))
@lang_option
def web(port: int | None, browser: bool, lang: str) -> None:  # noqa: D103
    _check_extra()
    from quiz.web import server  # needs the extra `web`

    listener = server.bind("127.0.0.1", port)
    site = server.for_oneself(lang)
    server.run(
        site, listener, host="127.0.0.1", browser=browser,
        opened=lambda url: say(_("The quiz is at %(url)s; Ctrl-C ends it."), lang, url=url),
    )  # fmt: skip


@click.command()
@click.option(
    "--course",
    "course_path",
    type=click.Path(path_type=Path),
    help=_("The course folder whose papers are served."),
)
@click.option(
    "--database", default="", metavar="URL", help=_("Such as postgresql://USER@HOST/NAME; by default SQLite.")
)
@click.option("--host", default="127.0.0.1", show_default=True, help=_("The address to listen on."))
@port_option
@click.option("--new-teacher-link", is_flag=True, help=_("Make the teacher's earlier links invalid."))
@lang_option
def serve(  # noqa: D103
    course_path: Path | None, database: str, host: str, port: int | None, new_teacher_link: bool, lang: str
) -> None:
    _check_extra()
    from quiz.web import server  # needs the extra `web`

    site = server.for_many(lang, database, course_path)
    if site.desk is not None and new_teacher_link:
        site.desk.revoke("")

    def opened(url: str) -> None:
        say(_("The quiz is at %(url)s; Ctrl-C ends it."), lang, url=url)
        if site.desk is not None:
            say(_("The teacher's page, for nobody else: %(url)s"), lang, url=url + server.teacher_path(site))

    server.run(site, server.bind(host, port), host=host, browser=False, opened=opened)
