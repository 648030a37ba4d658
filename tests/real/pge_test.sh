#!/bin/sh
# limit: 600
# Both weeks of Pacific Gas & Electric through the bus: every checkpoint and every outage agrees, and
# a wrong figure in the file is noticed.
here=$(dirname "$0")
data=${PULT_SHARED:-$here/../../../shared}/data/pge
if [ ! -d "$data" ]; then
    echo "skipped: $data is not here"
    exit 77
fi
status=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# WEEK CHECKPOINTS OUTAGES, and how many of each agree (unless all do). The numbers are those of
# data/README.md: fewer compared would hide a fault.
replay() {
    echo "== $1"
    "$here/replay_pge.py" "$data/$1.csv" "$2/$1.checkpoints.csv" "$2/$1.outages.csv" \
        >"$scratch/said"
    left=$?
    cat "$scratch/said"
    grep -qx "checkpoints: ${5:-$3} of $3 agree" "$scratch/said" || status=1
    grep -qx "outages: ${6:-$4} of $4 agree" "$scratch/said" || status=1
}
replay calm_2019-07-01 "$data" 167 2860
[ $left = 0 ] || status=1
replay storm_wind_2019-11-25 "$data" 138 9159
[ $left = 0 ] || status=1

# Planted: one customer more at the first checkpoint, one ETA change more of the first outage.
awk -F, -v OFS=, 'NR == 2 { $3++ } { print }' "$data/calm_2019-07-01.checkpoints.csv" \
    >"$scratch/calm_2019-07-01.checkpoints.csv"
awk -F, -v OFS=, 'NR == 2 { $7++ } { print }' "$data/calm_2019-07-01.outages.csv" \
    >"$scratch/calm_2019-07-01.outages.csv"
replay calm_2019-07-01 "$scratch" 167 2860 166 2859
[ $left = 1 ] || status=1
exit $status
