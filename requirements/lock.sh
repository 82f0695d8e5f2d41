#!/usr/bin/env bash
# Writes the lock files anew: hashes for every platform and Python >= 3.11, no addresses. lock.sh UV
set -euo pipefail
uv=$1
compile() { "$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"; }
compile ../pyproject.toml --extra embedded --group ../pyproject.toml:build -o run.lock
compile ../pyproject.toml --extra embedded --extra nlp --extra telemetry --group ../pyproject.toml:dev -c run.lock -o dev.lock
compile bootstrap.in -o bootstrap.lock
