#!/bin/sh
# Takes out of a virtual environment what never runs in a container: packages' own tests and what
# compilers would read. slim.sh VENV
set -eu
cd "$1"/lib/python3*/site-packages
find . -type d \( -name tests -o -name test -o -name include \) -prune -exec rm -rf {} +
find . -name '*.pyx' -delete -o -name '*.pxd' -delete -o -name '*.c' -delete -o -name '*.h' -delete
