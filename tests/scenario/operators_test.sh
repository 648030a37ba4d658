#!/bin/sh
# alone
# limit: 300
# 20 operators' programs at work for 15 seconds while busd and they are killed: no call lost or doubled, no number left out.
exec "$(dirname "$0")/../operators" 15 --operators 20 --every 4
