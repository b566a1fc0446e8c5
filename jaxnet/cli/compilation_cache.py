"""Compiled programs kept from one run of a command to the next."""

import os
from collections.abc import MutableMapping

import platformdirs


def keep_compiled_programs(environ: MutableMapping[str, str] = os.environ) -> str:
    """Let JAX keep what it compiles in the user's cache folder; for commands, before they import JAX.

    The library itself never does this: where a program keeps things is the program's business. Settings that
    the user has made stay as they are. Small programs are kept too: a beginner's networks are small, and
    their compilation is most of the wait.

    Args:
        environ: the environment in which JAX will look for its settings.

    Returns:
        The folder.

    Example:
        >>> keep_compiled_programs({"JAX_COMPILATION_CACHE_DIR": "/somewhere"})
        '/somewhere'
    """
    folder = environ.setdefault(
        "JAX_COMPILATION_CACHE_DIR", str(platformdirs.user_cache_path("jaxnet") / "compiled")
    )
    environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
    return folder
