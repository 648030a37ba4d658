#!/bin/sh
# limit: 600
# Both weeks of UK Power Networks through the bus: every look-up and every replayable count agrees.
here=$(dirname "$0")
data=${PULT_SHARED:-$here/../../../shared}/data/ukpn
if [ ! -d "$data" ]; then
    echo "skipped: $data is not here"
    exit 77
fi
status=0
# The numbers that the rules of data/README.md give: fewer compared would hide a fault.
replay() {
    echo "== $1"
    "$here/replay_ukpn.py" "$data/$1.jsonl" "$data/$1.lookups.jsonl" >"$said" || status=1
    cat "$said"
    grep -qx "look-ups: $2 of $2 agree" "$said" || status=1
    grep -qx "calls: $3 of $3 agree" "$said" || status=1
}
said=$(mktemp)
trap 'rm -f "$said"' EXIT
replay calm_2026-02-28 706 434
replay storm_2026-01-05 739 516
exit $status
