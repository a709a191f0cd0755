#!/bin/sh
# demo.sh -- cdrlua on the sample calls, then on a live folder; ends by itself. `make demo` runs it.
set -eu
cdrlua=${1:-build/cdrlua}
folder=$(mktemp -d)
pid=
trap 'kill "$pid" 2> /dev/null || :; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

# Shows a command as it is typed, then what it prints.
show() {
    printf '$ %s\n' "$1"
    sh -c "$1"
}

# Waits until FILE has LINES lines, for at most five seconds.
until_lines() {
    tries=0
    while [ "$(wc -l < "$1")" -lt "$2" ] && [ $tries -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

calls=examples/cdr
day1=CDR.2020-09-29_17-50-01.log
day2=CDR.2020-09-30_17-50-01.log

say "1. Two sample files, one readable line for each event."
show "$cdrlua run --once print $calls"

say "2. Only what lasted over ten minutes, as CDR lines."
show "$cdrlua run --once filter --set where='duration > 600' -w - $calls"

say "3. A rules file: calls that were cut short. It is examples/short-calls.lua."
show "$cdrlua run --once examples/short-calls.lua $calls"

say "4. Where people are, with the last byte of their addresses cleared (the database is a small one for tests)."
show "$cdrlua run --once -s geo -s print examples/later.log --set db=tests/fixtures/city.mmdb --set ip=truncate \\
    | grep -o 'participantJoined.*location=.* ip=[^ ]*'"

say "5. Rules, live: cdrlua follows a folder while a server writes there."
mkdir "$folder/cdr"
: > "$folder/out"
printf '$ %s\n' "$cdrlua run --state $folder/state print $folder/cdr &"
"$cdrlua" run --state "$folder/state" print "$folder/cdr" > "$folder/out" 2> "$folder/err" &
pid=$!

show "head -n 5 $calls/$day1 >> $folder/cdr/$day1"
until_lines "$folder/out" 5
cat "$folder/out"

say "   After midnight the server writes to a new file; the old one still gets a line."
show "head -n 3 $calls/$day2 >> $folder/cdr/$day2"
show "sed -n 6p $calls/$day1 >> $folder/cdr/$day1"
until_lines "$folder/out" 9
tail -n +6 "$folder/out"

show "kill -TERM $pid"
wait "$pid" || { cat "$folder/err"; exit 1; }
pid=
printf '%s\n' "It has finished what it had in hand, remembered its places, and ended with code 0."
[ "$(wc -l < "$folder/out")" -eq 9 ] || { echo "not all lines came out"; cat "$folder/err"; exit 1; }
