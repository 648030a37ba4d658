#!/bin/sh
# The simulation finds each of the mistakes that are planted for it.
# limit: 600
exec tests/sim-control
