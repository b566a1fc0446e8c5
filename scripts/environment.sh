# Sourced by the scripts beside it, never run by itself. They say which lock file they need,
#
#   here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd); . "$here/environment.sh"; environment run
#
# and get $root, the checkout, and $python, the interpreter of the checkout's own environment, ready for use.
# The newest supported Python on the PATH makes the environment; PYTHON=/path/to/python3 names another one.
# JAXNET_VENV names another folder than .venv, so that one checkout can hold several environments.

root=$(dirname -- "$here")
: "${JAXNET_VENV:=$root/.venv}"
export JAXNET_VENV
unset PYTHONPATH PYTHONHOME
supported='python3.14 python3.13 python3.12 python3.11' # the newest first

# Print the absolute path of the interpreter $1 if it can make environments. The status says why it cannot:
# 3, it is too old; 4, it has no venv module; anything else, there is no such program.
usable() {
    # pyenv has a python3.N for every version installed, but runs only those that this variable names
    PYENV_VERSION=${PYENV_VERSION:-$pyenv_versions} "$1" -c '
import sys
if sys.version_info < (3, 11):
    sys.exit(3)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(4)
print(sys.executable)
' 2>/dev/null
}

pyenv_versions=$(! command -v pyenv >/dev/null 2>&1 || pyenv versions --bare --skip-aliases 2>/dev/null | tr '\n' ':')

# Set $base to the newest supported Python that can make environments, or say in a sentence what is missing.
find_python() {
    old='' bare=''
    [ -n "${PYTHON:-}" ] && set -- "$PYTHON" || set -- $supported python3 python
    for candidate; do
        status=0
        base=$(usable "$candidate") || status=$?
        case $status in
            0) return ;;
            3) old="$old $candidate" ;;
            4) bare=${bare:-$candidate} ;;
        esac
    done
    if [ -n "$bare" ]; then
        echo "$0: $bare has no venv module; add it (Debian, Ubuntu: sudo apt install python3-venv), then run this again." >&2
    elif [ -n "$old" ]; then
        echo "$0: Python 3.11 or newer is needed, and found were only older ones:$old." >&2
    elif [ -n "${PYTHON:-}" ]; then
        echo "$0: PYTHON=$PYTHON names no Python that runs; leave it out, or name one from 3.11 on." >&2
    else
        echo "$0: Python 3.11 or newer is needed, and no python3 was found on the PATH." >&2
    fi
    exit 1
}

find_own() {
    python=$JAXNET_VENV/bin/python
    [ ! -d "$JAXNET_VENV/Scripts" ] || python=$JAXNET_VENV/Scripts/python.exe # Windows
}

environment() {
    find_own
    # an environment that is there keeps its Python, unless PYTHON names another one
    if [ -n "${PYTHON:-}" ]; then
        find_python
    else
        base=$python
    fi
    if ! "$base" "$here/environment.py" --check "$1" 2>/dev/null; then
        [ -n "${PYTHON:-}" ] || "$base" "$here/environment.py" --made 2>/dev/null || find_python
        "$base" "$here/environment.py" "$1" || exit
        find_own
    fi
}
