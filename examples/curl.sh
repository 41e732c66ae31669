#!/usr/bin/env bash
# The same events over HTTP, with curl: one, a batch, and one in binary mode.
#   ./curl.sh http://127.0.0.1:8080      TOKEN=… ./curl.sh https://shouhe.example.org
set -euo pipefail
cd "$(dirname "$0")"
URL=${1:-http://127.0.0.1:8080}
ASK=(curl --silent --show-error --fail-with-body ${TOKEN:+-H "Authorization: Bearer $TOKEN"})

# one event
head -1 events.jsonl | "${ASK[@]}" -H 'Content-Type: application/cloudevents+json' --data-binary @- "$URL/events"
echo

# a batch: a JSON array
printf '[%s]' "$(paste -sd, events.jsonl)" |
    "${ASK[@]}" -H 'Content-Type: application/cloudevents-batch+json' --data-binary @- "$URL/events"
echo

# binary mode: attributes are headers, the body is the data
"${ASK[@]}" -H 'ce-specversion: 1.0' -H 'ce-id: p-0007' -H 'ce-source: //schools.example/app' \
    -H 'ce-type: contact.logged.v1' -H 'ce-subject: 529901201604120078' -H 'ce-time: 2026-03-20T19:00:00+08:00' \
    -H 'Content-Type: application/json' --data '{"by": "director", "channel": "phone", "minutes": 12}' "$URL/events"
echo
