#!/bin/sh
# suite.sh -- run spec files, several at a time, and add up what they say.
#
#   JOBS=3 suite.sh COMMAND FILE|FOLDER...
#
# COMMAND is given one file each time. What it prints comes when it has ended, in
# one piece; the last line is `N passed, N failed` of all.
set -u
command=$1
shift
logs=$(mktemp -d) || exit 2
trap 'rm -rf "$logs"' EXIT
trap 'exit 130' INT TERM

# shellcheck disable=SC2016
find "$@" -name '*_spec.lua' | sort | xargs -P "${JOBS:-3}" -n 1 sh -c '
    log=$0/$(basename "$2").log
    $1 "$2" > "$log" 2>&1 || echo "exit code $?" >> "$log"
    flock "$0/lock" cat "$log"' "$logs" "$command"

# A file that ended without a count, as after a crash, counts as one failure.
cat "$logs"/*.log | grep '^not ok' | sort -u
awk '
    FNR == 1 && NR > 1 && !counted { failed++ }
    FNR == 1 { counted = 0 }
    /^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3; counted = 1 }
    END {
        if (NR == 0 || !counted) failed++
        printf "%d passed, %d failed\n", passed, failed
        exit failed > 0
    }' "$logs"/*.log
