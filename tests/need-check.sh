#!/bin/sh
# Stands in for the unit tests where Check is missing, so that a test run
# without them never looks like a success.

echo "The unit tests need Check, with pkg-config to find it (on Debian:"
echo "apt-get install check pkg-config).  Install them, and run configure again."
echo "harness: unit tests: 0 passed, 1 failed"
exit 1
