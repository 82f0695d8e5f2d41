#!/usr/bin/env bash
# Makes the virtual environment with uv in it, from nothing but Python: venv.sh PYTHON FOLDER
set -euo pipefail
python=$1 folder=$2 here=$(dirname "$0")

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Waymark needs Python 3.11 or newer; $python is $("$python" -V). Set PYTHON=/path/to/python3." >&2
  exit 1
}
if ! "$python" -m venv "$folder" >/dev/null 2>&1; then
  # Debian keeps venv in a package of its own.
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    "$python" -m venv --clear "$folder"
  else
    echo "$python cannot make a virtual environment. On Debian: sudo apt install python3-venv" >&2
    exit 1
  fi
fi
"$folder/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$here/bootstrap.lock"
