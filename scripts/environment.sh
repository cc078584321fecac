#!/usr/bin/env bash
# Makes .venv, or brings it up to date: the locked requirements of one kind, then salesgauge itself, editable.
# Does nothing when the environment is already what requirements/, pyproject.toml and this Python say. Usage: scripts/environment.sh KIND
# KIND is a file of requirements/: base (to run it), test, more (test and the engines and systems of test-more), bench or lock. PYTHON names the interpreter (default: python3).
set -euo pipefail
cd "$(dirname "$0")/.."
kind=$1
python=${PYTHON:-python3}
locked=requirements/$kind.txt

say() { echo "salesgauge: $*" >&2; }

if ! command -v "$python" >/dev/null; then
    say "there is no $python; salesgauge needs Python 3.11 or later (or name one: make PYTHON=/path/to/python3.12 ...)"
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "$("$python" --version) is too old: salesgauge needs Python 3.11 or later (name one: make PYTHON=python3.12 ...)"
    exit 1
fi

# Programs that tests run beside Python, each with Debian's package that brings it: the browser, the fonts of four languages, Node.js for a
# sign-in provider that others wrote, PostgreSQL, and for test-more Java and MariaDB.
needed() {
    [[ $kind == test || $kind == more ]] || return 0
    command -v chromium >/dev/null || echo chromium
    [[ -n $(fc-list ':lang=zh-cn' 2>/dev/null) ]] || echo fontconfig fonts-noto-cjk
    command -v npm >/dev/null || echo nodejs npm
    [[ -n $(compgen -G "/usr/lib/postgresql/*/bin/initdb") ]] || command -v initdb >/dev/null || echo postgresql
    [[ $kind != more ]] || command -v java >/dev/null || echo openjdk-17-jre-headless
    [[ $kind != more ]] || command -v mariadbd >/dev/null || echo mariadb-server
}
missing=$(needed)
if [[ -n $missing ]]; then
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        say "installing Debian's packages" $missing
        apt-get update -qq </dev/null >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
    else
        say "these programs are missing; install them and try again (Debian: apt-get install" $missing")"
        exit 1
    fi
fi

# A virtual environment is tied to its folder and interpreter, so both are part of what it was made from.
made_from() {
    { pwd; "$python" -c 'import sys; print(sys.version, sys.base_prefix)'; cat "$1" pyproject.toml; } | sha256sum | cut -d' ' -f1
}
stamp=.venv/made-$kind
if [[ -f $stamp && $(<"$stamp") == "$(made_from "$locked")" ]]; then exit 0; fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian keeps these two in a package of their own.
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        say "installing Debian's package python3-venv"
        apt-get update -qq </dev/null >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv </dev/null >&2
    else
        say "$python cannot make virtual environments; install Debian's package python3-venv (apt-get install python3-venv) and try again"
        exit 1
    fi
fi

# One that was made elsewhere or by another Python is not mended but made anew.
home="$(pwd) $("$python" -c 'import sys; print(sys.version, sys.base_prefix)' | tr '\n' ' ')"
if [[ ! -f .venv/made-for || $(<.venv/made-for) != "$home" ]]; then
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
    echo "$home" >.venv/made-for
fi
say "installing $locked"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --requirement "$locked"
if [[ $kind != lock ]]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .
fi
made_from "$locked" >"$stamp"
# test and bench hold all of base, more all of test
if [[ $kind == test || $kind == bench || $kind == more ]]; then made_from requirements/base.txt >.venv/made-base; fi
if [[ $kind == more ]]; then made_from requirements/test.txt >.venv/made-test; fi
