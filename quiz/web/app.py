"""The application: which path is answered by which function, and what happens around each of them."""

import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Gone, Refusal, Unknown
from quiz.web import guard, laboratory, pages, papers, practice, preferences, teaching, theory
from quiz.web.guard import Denied
from quiz.web.site import Site, Visit

Handler = Callable[[Visit], Response]

PRACTICE: tuple[tuple[str, Handler, Handler | None], ...] = (
    ("/", practice.start, None),
    ("/next", practice.back, practice.choose),
    ("/practise/{exercise}", practice.begin_page, practice.begin),
    ("/practise/{exercise}/{seed}", practice.show, practice.work),
    ("/progress", practice.progress, None),
    ("/learn/{lesson}", theory.show, None),
    ("/labs", laboratory.overview, None),
    ("/labs/{lab}", laboratory.show, None),
    ("/labs/{lab}/frames", laboratory.frames, None),
    ("/labs/{lab}/table.csv", laboratory.numbers, None),
    ("/labs/{lab}/program.py", laboratory.program, None),
    ("/settings", preferences.show, preferences.change),
    ("/settings/restore", preferences.back, preferences.restore),
    ("/settings/revoke", preferences.back, preferences.revoke),
)
COURSE: tuple[tuple[str, Handler, Handler | None], ...] = (
    ("/s/{token}", papers.enter, None),
    ("/course", papers.overview, None),
    ("/course/{paper}", papers.show, papers.work),
    ("/course/{paper}/keep", papers.show, papers.keep),
    ("/course/{paper}/feedback", papers.feedback_page, None),
    ("/t/{token}", teaching.enter, None),
    ("/teacher", teaching.overview, None),
    ("/teacher/{sitting}", teaching.show, teaching.act),
    ("/teacher/{sitting}/{file}", teaching.download, None),
)


def application(site: Site) -> Starlette:
    """Return the application that serves a site."""
    routes = [_route(site, *row) for row in _paths(site)]
    routes.append(Route("/static/{name}", _static(site)))
    routes.append(Route("/alive", _alive))

    @contextlib.asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        if site.desk is not None:
            site.desk.start()
        yield
        site.warm.close()
        if site.desk is not None:
            site.desk.stop()
        site.storage.close()

    async def failed(request: Request, error: Exception) -> Response:
        return await run_in_threadpool(_problem, Visit(site, request), error)

    handlers = {HTTPException: failed, Exception: failed}
    # the page of one person answers under its own name alone, whatever a name server says of others
    hosts = ["127.0.0.1", "localhost"] if site.store is not None else ["*"]
    guards = [Middleware(TrustedHostMiddleware, allowed_hosts=hosts)]
    return Starlette(routes=routes, lifespan=life, exception_handlers=handlers, middleware=guards)


def _paths(site: Site) -> list[tuple[str, Handler, Handler | None]]:
    return [*PRACTICE, *(COURSE if site.desk is not None else ())]


def _route(site: Site, path: str, get: Handler, post: Handler | None) -> Route:
    methods = ["GET", "POST"] if post else ["GET"]

    async def endpoint(request: Request) -> Response:
        visit = Visit(site, request)
        try:
            site.limit.check(visit.address)
            if request.method == "POST" and post is not None:
                visit.form = await guard.read_form(request)
                guard.check_form(request, visit.form, site.key, visit.session)
                response = await run_in_threadpool(post, visit)
            else:
                response = await run_in_threadpool(get, visit)
        except (Refusal, SQLAlchemyError) as error:
            response = await run_in_threadpool(_problem, visit, error)
        site.warm.first.set()
        return _guarded(visit.finish(response))

    return Route(path, endpoint, methods=methods)


def _static(site: Site) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return _guarded(pages.static_response(request.path_params["name"], request.url.query))
        except Denied as error:
            return await run_in_threadpool(_problem, Visit(site, request), error)

    return endpoint


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


def _guarded(response: Response) -> Response:
    for name, value in guard.HEADERS.items():
        response.headers.setdefault(name, value)
    return response


_UNEXPECTED = _("Something unexpected went wrong here. Nothing that was kept is lost; please try again.")
_BUSY = _("The database cannot be reached at the moment; please try again in a minute.")


def _problem(visit: Visit, error: Exception) -> Response:
    """Return the page that says in one sentence what is wrong."""
    lang = visit.lang
    if isinstance(error, Denied):
        status, sentence = error.status, error.message(lang)
    elif isinstance(error, HTTPException):
        status = error.status_code
        sentence = translate(guard.NOT_FOUND, lang) if status == 404 else error.detail
    elif isinstance(error, Refusal):
        status, sentence = (404 if isinstance(error, Unknown | Gone) else 400), error.message(lang)
    elif isinstance(error, OperationalError):
        logging.getLogger("quiz.web").error("%s", type(error).__name__)
        return _guarded(PlainTextResponse(translate(_BUSY, lang), 503))
    else:
        logging.getLogger("quiz.web").error("unexpected", exc_info=error)
        status, sentence = 500, translate(_UNEXPECTED, lang)
    return _guarded(pages.show(visit, "problem.html", {"sentence": sentence}, status))
