#!/bin/sh
# The passwords of the compose file's servers, made once: secrets/postgres, secrets/clickhouse.
# Compose mounts the files with the mode they have here, and no two containers run as the same user.
# So a file may be read by whoever reaches it, and only root and its owner reach into the folder.
set -eu
folder=$(dirname "$0")/secrets
mkdir -p -m 0700 "$folder"
for name in postgres clickhouse; do
    [ -s "$folder/$name" ] && continue
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > "$folder/$name.new"
    chmod 0444 "$folder/$name.new"
    mv "$folder/$name.new" "$folder/$name"
done
