#!/bin/sh
# Install a pinned, hashed list and this package into .venv: with uv where it can be had, else with pip alone.
set -eu
list=$1
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "OpenTaper needs Python 3.11 or newer; set PYTHON=… to one." >&2
    exit 1
fi
if [ ! -x .tools/bin/uv ]; then
    "$python" -m pip install -q --disable-pip-version-check --require-hashes --target .tools \
        -r requirements/bootstrap.txt >/dev/null 2>&1 || true
fi
if [ -x .tools/bin/uv ]; then
    export UV_LINK_MODE=copy
    [ -x .venv/bin/python ] || .tools/bin/uv venv -q -p "$python" .venv
    if .tools/bin/uv pip install -q --compile-bytecode --python .venv/bin/python --require-hashes --no-deps -r "$list" &&
        .tools/bin/uv pip install -q --compile-bytecode --python .venv/bin/python --no-deps --no-build-isolation -e .; then
        exit 0
    fi
    echo "uv could not install; trying pip." >&2
fi
[ -x .venv/bin/pip ] || { rm -rf .venv && "$python" -m venv .venv; }
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r "$list"
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
