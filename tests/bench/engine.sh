#!/bin/sh
# make bench-engine: reports a second through the engine (engine_tiled.c) on the real feeders of shared/data/network, tiled,
# with memory as the service has it.
set -e
root=$(cd "$(dirname "$0")/../.." && pwd)
shared=${PULT_SHARED:-$root/../shared}
[ -f "$shared/tools/grouping/to_csv.py" ] || { echo "skipped: $shared/tools/grouping is not there"; exit 77; }
directory=$(mktemp -d "${TMPDIR:-/tmp}/pult-bench-XXXXXX")
trap 'rm -rf "$directory"' EXIT
for name in ieee8500 ckt24; do
    python3 "$shared/tools/grouping/to_csv.py" "$shared/data/network/$name" "$directory/$name"
done
cd "$root"
tunables=$(sed -n 's/^Environment=\(GLIBC_TUNABLES=\)/\1/p' packaging/pult-busd.service)
env ${tunables:+"$tunables"} "${PULT_BUILD:-build}/bench/engine_tiled" "$directory/ieee8500" "$directory/ckt24"
