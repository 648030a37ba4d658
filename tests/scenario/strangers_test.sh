#!/bin/sh
# alone
# limit: 300
# A short run of `make strangers`: nobody without a key, or with a stolen word, gets anything.
exec "$(dirname "$0")/../strangers" --keys 300 --idle 9500
