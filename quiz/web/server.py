"""Starts the server: binds a port, opens the browser, says where to look."""

import errno
import logging
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from quiz.practice.store import Store, folder
from quiz.text import mark as _
from quiz.text.errors import Locked, Machine
from quiz.web.app import application
from quiz.web.desk import TEACHER, Desk
from quiz.web.site import Site
from quiz.web.storage import Storage

#: Ports that are tried one after another, where none was asked for.
PORTS = range(8421, 8441)


def bind(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens on a port, by default the first free one of `PORTS`.

    Raises:
        Locked: another program uses the port.
        Machine: the address is not one of this machine, or the port is not allowed.
    """
    reason: OSError | None = None
    for number in PORTS if port is None else [port]:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((host, number))
            made.listen(512)
        except (OSError, OverflowError) as error:
            made.close()
            reason = error if isinstance(error, OSError) else OSError(errno.EINVAL, "")
            continue
        return made
    assert reason is not None
    if reason.errno == errno.EADDRINUSE:
        raise Locked(
            _("port %(port)s is used by another program; choose one with --port"), port=port or PORTS[0]
        )
    raise Machine(_("the server cannot listen on %(host)s, port %(port)s"), host=host, port=port or PORTS[0])


def for_oneself(lang: str, path: Path | None = None) -> Site:
    """Return the site of one person, with the attempts of the terminal."""
    where = path or folder()
    where.mkdir(parents=True, exist_ok=True)
    return Site(Storage(f"sqlite:///{where / 'web.sqlite3'}"), lang, Store(where / "quiz.sqlite3"))


def for_many(lang: str, database: str, course: Path | None) -> Site:
    """Return the site of a class: practice for everybody and, with a course, its papers."""
    if not database:
        where = course or folder()
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = f"sqlite:///{where / 'serve.sqlite3'}"
    store = Storage(database)
    return Site(store, lang, desk=Desk(course, store) if course else None)


def teacher_path(site: Site) -> str:
    """Return the path of the teacher's link."""
    assert site.desk is not None
    return "t/" + site.desk.token(TEACHER, site.desk.version(TEACHER))


def run(
    site: Site, listener: socket.socket, *, host: str, opened: Callable[[str], None], browser: bool
) -> None:
    """Serve until Ctrl-C.

    Args:
        site: what to serve.
        listener: from `bind`.
        host: the name in the address that is shown.
        opened: called with the address once the server answers.
        browser: whether to open it in the browser.
    """
    logging.getLogger("quiz.web").addHandler(logging.StreamHandler())
    port = listener.getsockname()[1]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    config = uvicorn.Config(
        application(site), log_level="warning", access_log=False, server_header=False, lifespan="on",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75, h11_max_incomplete_event_size=64 * 1024,
        proxy_headers=True, forwarded_allow_ips="127.0.0.1,::1",
    )  # fmt: skip
    opened(address)
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    uvicorn.Server(config).run(sockets=[listener])
