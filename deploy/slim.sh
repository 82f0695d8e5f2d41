#!/bin/sh
# Takes out of a virtual environment what never runs in a container: packages' own tests, what
# compilers would read, symbols for debuggers. slim.sh VENV
set -eu
cd "$1"/lib/python3*/site-packages
find . -type d \( -name tests -o -name test -o -name include \) -prune -exec rm -rf {} +
find . \( -name '*.py[xdi]' -o -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' \) -delete
# Not those in *.libs: auditwheel has moved their parts, and strip would break them.
find . -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} +
