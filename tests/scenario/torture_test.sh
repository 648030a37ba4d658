#!/bin/sh
# alone
# limit: 600
# 30 kills of busd under load: nothing lost, doubled or invented.
exec "$(dirname "$0")/../torture" 30
