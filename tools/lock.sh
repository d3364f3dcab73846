#!/bin/sh
# Resolve once, then take subsets, so that tests run on the versions that users get. No list names a host.
set -eu
uv=.tools/bin/uv
pins=$(mktemp)
trap 'rm -f "$pins"' EXIT
common="--universal --fork-strategy fewest --no-header --no-annotate -q"
dev="--extra cohort --extra clinic --group build --group test --group lint"
# What is pinned already stays as it is unless something new needs otherwise; an empty bench.txt resolves all anew.
grep -E '^[a-zA-Z0-9._-]+==' requirements/bench.txt | sed 's/ *\\$//' >"$pins" || true
echo uv | $uv pip compile - --universal --no-header --no-annotate --generate-hashes -q -o requirements/bootstrap.txt
$uv pip compile pyproject.toml $dev --group bench $common -o "$pins"
$uv pip compile pyproject.toml --extra clinic --group build $common --generate-hashes -c "$pins" -o requirements/run.txt
$uv pip compile pyproject.toml $dev $common --generate-hashes -c "$pins" -o requirements/dev.txt
$uv pip compile pyproject.toml $dev --group bench $common --generate-hashes -c "$pins" -o requirements/bench.txt
