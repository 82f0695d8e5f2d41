#!/bin/sh
# Writes .env with secrets made at random, where there is none yet. env.sh FILE
set -eu
[ -e "$1" ] && { echo "$1 is there: nothing is changed"; exit 0; }
umask 077
secret() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
cat >"$1" <<END
# Made by \`make env\` for docker compose: these protect your data. Keep a copy in a safe place.
POSTGRES_PASSWORD=$(secret)
RABBITMQ_PASSWORD=$(secret)
STORAGE_SECRET_KEY=$(secret)
SECRET_KEY=$(secret)
ENCRYPTION_KEYS=$(key)
END
echo "$1 is written, with new secrets"
