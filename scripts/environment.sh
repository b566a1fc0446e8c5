# Sourced by the scripts beside it, never run by itself. They say which lock file they need,
#
#   here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd); . "$here/environment.sh"; environment run
#
# and get $root, the checkout, and $python, the interpreter of the checkout's own environment, ready for use.
# Any python3 from 3.11 on will do to begin with; PYTHON=/path/to/python3 names one to try first.

root=$(dirname -- "$here")
unset PYTHONPATH PYTHONHOME

# Set $base to a Python new enough that can make environments, or say in a sentence what is missing.
find_python() {
    old='' bare=''
    for base in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
        status=0
        "$base" -c '
import sys
if sys.version_info < (3, 11):
    sys.exit(3)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(4)
' >/dev/null 2>&1 || status=$?
        case $status in
            0) return ;;
            3) old="$old $base" ;;
            4) bare=${bare:-$base} ;;
        esac
    done
    if [ -n "$bare" ]; then
        echo "$0: $bare has no venv module; add it (Debian, Ubuntu: sudo apt install python3-venv), then run this again." >&2
    elif [ -n "$old" ]; then
        echo "$0: Python 3.11 or newer is needed, and found were only older ones:$old." >&2
    else
        echo "$0: Python 3.11 or newer is needed, and no python3 was found on the PATH." >&2
    fi
    exit 1
}

environment() {
    python=$root/.venv/bin/python
    [ ! -d "$root/.venv/Scripts" ] || python=$root/.venv/Scripts/python.exe # Windows
    if ! "$python" "$here/environment.py" --check "$1" 2>/dev/null; then
        find_python
        "$base" "$here/environment.py" "$1" || exit
        [ ! -d "$root/.venv/Scripts" ] || python=$root/.venv/Scripts/python.exe
    fi
}
