#!/bin/sh
# The demo company in config/demo is what tools/make-demo writes, byte for byte.
set -eu
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
tools/make-demo "$made"
diff -r "$made" config/demo || { echo "config/demo differs from what tools/make-demo writes; run it"; exit 1; }
echo "config/demo: $(($(wc -l <config/demo/premises.csv) - 1)) premises, as generated"
