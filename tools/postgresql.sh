#!/bin/sh
# A PostgreSQL for the tests, and strace to see what reaches the disk: Debian's, where they are not there yet and we may
# install them. In CI they must be there.
set -eu
there() { # whether PostgreSQL is here
    command -v postgres >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1
}
if there && command -v strace >/dev/null 2>&1; then
    exit 0
fi
run=
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "There is no PostgreSQL or no strace, and we may not install them: what needs them is skipped." >&2
        [ "${CI:-}" != true ] || exit 1
        exit 0
    fi
    run="sudo -n"
fi
if command -v apt-get >/dev/null 2>&1 && $run apt-get update -qq >/dev/null 2>&1 &&
    DEBIAN_FRONTEND=noninteractive $run apt-get install -qq -y --no-install-recommends postgresql strace >/dev/null 2>&1; then
    exit 0
fi
echo "PostgreSQL and strace could not be installed: what needs them is skipped." >&2
[ "${CI:-}" != true ] || exit 1
