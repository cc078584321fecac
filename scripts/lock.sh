#!/usr/bin/env bash
# Remakes requirements/*.txt from pyproject.toml: every version and hash pinned, for every platform and Python from 3.11 on,
# and no word of where the files came from (each machine has its own index). Usage: scripts/lock.sh [--upgrade]
set -euo pipefail
cd "$(dirname "$0")/.."
options=("$@")

compile() {  # FILE ARGUMENT...
    local file=$1
    shift
    uv pip compile "$@" --output-file "$file" --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-annotate --custom-compile-command "make lock" --quiet "${options[@]}"
    if grep -nE '://|file:|/(root|home|opt|work)/' "$file"; then
        echo "$file names a place (above); it must not" >&2
        exit 1
    fi
}

compile requirements/base.txt pyproject.toml --group build
compile requirements/test.txt pyproject.toml --extra postgresql --extra sources --group build --group test \
    --constraint requirements/base.txt
compile requirements/more.txt pyproject.toml --extra postgresql --extra clickhouse --extra spark --extra sources --group build --group test \
    --group more --constraint requirements/test.txt
compile requirements/bench.txt pyproject.toml --group build --group bench --constraint requirements/base.txt
# MetricFlow wants older versions than salesgauge does: bench runs it in an environment of its own.
compile requirements/metricflow.txt --group metricflow
compile requirements/lock.txt --group lock
