#!/bin/sh
# Runs the night every night at $NIGHT_AT (Europe/Rome, 02:00), one process a night; SIGTERM ends it in good order.
# With --once: now, and that is all. What a night came to is told by itself; here only the next one is waited for.
set -eu
child=
stop() {
    if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null || :; wait "$child" || :; fi
    exit 0
}
trap stop TERM INT
run() {
    "$@" &
    child=$!
    wait "$child" || echo "nightly.sh: $1 ended with $?" >&2
    child=
}
seconds='import os, sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
hour, _, minute = os.environ.get("NIGHT_AT", "02:00").partition(":")
now = datetime.now(ZoneInfo("Europe/Rome"))
at = now.replace(hour=int(hour), minute=int(minute or 0), second=0, microsecond=0)
at += timedelta(days=at <= now)
print(max(1, round(at.timestamp() - now.timestamp())))'
if [ "${1:-}" = --once ]; then
    run archiver nightly
    exit 0
fi
while :; do
    run sleep "$(python -c "$seconds")"
    run archiver nightly
done
