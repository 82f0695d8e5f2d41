#!/usr/bin/env bash
# Writes the lock files anew: hashes for every platform and Python >= 3.11, no addresses. lock.sh UV
#   run        `make run`: with the embedded PostgreSQL, and what builds the project itself
#   dev        run, and what checks and tests need
#   image      containers;  image-nlp: with spaCy;  build: what makes the project's wheel for them
#   bootstrap  uv itself
set -euo pipefail
uv=$1
project=../pyproject.toml
compile() { "$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"; }
compile $project --extra embedded --group $project:build -o run.lock
compile $project --extra embedded --extra nlp --extra telemetry --group $project:dev -c run.lock -o dev.lock
compile $project --extra telemetry -c dev.lock -o image.lock
compile $project --extra telemetry --extra nlp -c dev.lock -o image-nlp.lock
compile --group $project:build -c dev.lock -o build.lock
compile bootstrap.in -o bootstrap.lock
