#!/bin/sh
# Resolve once, then take subsets, so that tests run on the versions that users get. No list names a host.
set -eu
uv=.tools/bin/uv
pins=$(mktemp)
trap 'rm -f "$pins"' EXIT
common="--universal --fork-strategy fewest --no-header --no-annotate -q"
dev="--extra cohort --group build --group test --group lint"
echo uv | $uv pip compile - --universal --no-header --no-annotate --generate-hashes -q -o requirements/bootstrap.txt
$uv pip compile pyproject.toml $dev --group bench $common -o "$pins"
$uv pip compile pyproject.toml --group build $common --generate-hashes -c "$pins" -o requirements/run.txt
$uv pip compile pyproject.toml $dev $common --generate-hashes -c "$pins" -o requirements/dev.txt
$uv pip compile pyproject.toml $dev --group bench $common --generate-hashes -c "$pins" -o requirements/bench.txt
