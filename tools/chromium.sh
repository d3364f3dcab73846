#!/bin/sh
# A browser for the journeys: Debian's chromium, where it is not there yet and we may install it. In CI it must be there.
set -eu
if command -v chromium >/dev/null 2>&1; then
    exit 0
fi
run=
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "There is no chromium, and we may not install it: the journeys in a browser are skipped." >&2
        [ "${CI:-}" != true ] || exit 1
        exit 0
    fi
    run="sudo -n"
fi
if command -v apt-get >/dev/null 2>&1 && $run apt-get update -qq >/dev/null 2>&1 &&
    DEBIAN_FRONTEND=noninteractive $run apt-get install -qq -y --no-install-recommends chromium >/dev/null 2>&1; then
    exit 0
fi
echo "chromium could not be installed: the journeys in a browser are skipped." >&2
[ "${CI:-}" != true ] || exit 1
