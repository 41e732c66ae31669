#!/usr/bin/env bash
# The same events over Kafka, with kcat (Debian: apt install kcat): send, results, dead letters, all events.
#   ./kcat.sh send|binary|results|rejected|follow [BROKER]
# With TLS and a password: a file with librdkafka's settings, KCAT_CONFIG=kcat.conf ./kcat.sh …
set -euo pipefail
cd "$(dirname "$0")"
WHAT=${1:-send} BROKER=${2:-127.0.0.1:9092} PREFIX=${PREFIX:-shouhe}
READ=(kcat -C -q -b "$BROKER" -X isolation.level=read_committed -o beginning -e)

case $WHAT in
send) # structured mode: the header says so, each line is one event
    kcat -P -b "$BROKER" -t "$PREFIX.intake" -H content-type=application/cloudevents+json -k 529901201604120078 -l events.jsonl
    ;;
binary) # binary mode: attributes are ce_ headers, the value is the data
    printf '{"by": "director", "channel": "phone", "minutes": 12}' |
        kcat -P -b "$BROKER" -t "$PREFIX.intake" -k 529901201604120078 -H content-type=application/json \
            -H ce_specversion=1.0 -H ce_id=p-0007 -H ce_source=//schools.example/app -H ce_type=contact.logged.v1 \
            -H ce_subject=529901201604120078 -H ce_time=2026-03-20T19:00:00+08:00
    ;;
results) "${READ[@]}" -t "$PREFIX.intake.results" ;;
rejected) "${READ[@]}" -t "$PREFIX.intake.rejected" ;;
follow) "${READ[@]}" -t "$PREFIX.events" -f '%p %o %k %s\n' ;;
*)
    echo "kcat.sh: $WHAT is not one of send, binary, results, rejected, follow" >&2
    exit 2
    ;;
esac
