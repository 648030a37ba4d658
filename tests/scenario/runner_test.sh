#!/usr/bin/env bash
# limit: 60
# tests/run counts what passed, failed, skipped, hung, crashed, and ends what a test leaves running;
# tools/install-packages names what is missing where it cannot install it.
set -u
cd "$(dirname "$0")/../.." || exit 1
unset PULT_BUILD
tree=${TMPDIR:-/tmp}/runner_tree
passed=0 failed=0

expect() { # expect WHAT PATTERN TEXT
    if grep -qE -e "$2" <<<"$3"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s: no line fits %s in\n%s\n' "$1" "$2" "$3"
    fi
}

plant() { # plant NAME, the script on standard input
    mkdir -p "$tree/${1%/*}"
    cat >"$tree/$1" && chmod +x "$tree/$1"
}

run_one() { # run_one NAME: only this test; the last line is the exit status
    "$tree/tests/run" "$1" 2>&1
    echo "status $?"
}

mkdir -p "$tree/tests" && cp tests/run "$tree/tests/"
# Stand-ins for compiled cmocka programs: what counts is their output and their exit status.
cmocka() {
    mkdir -p "$tree/tests/unit" && touch "$tree/tests/unit/$1.c"
    plant "build/tests/$1"
}
cmocka good_test <<<'#!/bin/sh
printf "1..3\nok 1 - one\nok 2 - two\nnot ok 3 # SKIP three\n# ok - tests\n"'
cmocka bad_test <<<'#!/bin/sh
printf "1..2\nok 1 - one\nnot ok 2 - two\n# 3 != 4\n"; exit 1'
cmocka cut_test <<<'#!/bin/sh
printf "1..4\nok 1 - one\n"; kill -SEGV $$'
cmocka liar_test <<<'#!/bin/sh
printf "1..1\nok 1 - one\n"; exit 1'
cmocka empty_test <<<'#!/bin/sh
exit 0'
touch "$tree/tests/unit/unbuilt_test.c"
plant tests/scenario/plain_test.sh <<<'#!/bin/sh
exit 0'
plant tests/scenario/broken_test.py <<<'#!/usr/bin/python3
print("the reason"); raise SystemExit(3)'
plant tests/scenario/absent_test.sh <<<'#!/bin/sh
echo "no data here"; exit 77'
plant tests/scenario/many_test.sh <<<'#!/bin/sh
echo "5 passed, 0 failed, 1 skipped"'
plant tests/scenario/claims_test.sh <<<'#!/bin/sh
echo "5 passed, 0 failed, 0 skipped"; exit 1'
plant tests/scenario/hangs_test.sh <<<'#!/bin/sh
# limit: 1
sleep 60'
plant tests/scenario/leaves_test.sh <<<'#!/bin/sh
setsid sleep 61 & exit 0'
plant tests/scenario/private_test.sh <<<'#!/bin/sh
test -d "$TMPDIR" && test "$XDG_RUNTIME_DIR" = "$TMPDIR/run" && test -z "${PULT_BUS:-}" && test ! -t 0'

expect "cmocka functions are counted" '^2 passed, 0 failed, 1 skipped$' "$(run_one good_test)"
expect "a failed function fails the run" '^status 1$' "$(run_one bad_test)"
expect "a failed function is shown" 'not ok 2 - two' "$(run_one bad_test)"
expect "functions that a crash cut off are failed" '^1 passed, 3 failed, 0 skipped$' "$(run_one cut_test)"
expect "the signal is named" 'SIGSEGV' "$(run_one cut_test)"
expect "a bad exit status is a failure" '^1 passed, 1 failed, 0 skipped$' "$(run_one liar_test)"
expect "a program that tests nothing is failed" '^0 passed, 1 failed, 0 skipped$' "$(run_one empty_test)"
expect "a test that was not built is failed" '^0 passed, 1 failed, 0 skipped$' "$(run_one unbuilt_test)"
expect "a scenario counts as one" '^1 passed, 0 failed, 0 skipped$' "$(run_one plain_test)"
expect "a failed scenario is shown" 'the reason' "$(run_one broken_test)"
expect "a failed scenario fails the run" '^status 1$' "$(run_one broken_test)"
expect "77 is skipped, and says why" 'no data here' "$(run_one absent_test)"
expect "only skipped is no success" '^status 1$' "$(run_one absent_test)"
expect "a scenario may count its own parts" '^5 passed, 0 failed, 1 skipped$' "$(run_one many_test)"
expect "a count that hides the exit status is a failure" '^5 passed, 1 failed, 0 skipped$' "$(run_one claims_test)"
expect "a test that hangs is ended" 'ended at its limit of 1 s' "$(run_one hangs_test)"
expect "what a test leaves running is named" 'left running, ended now: (sleep|setsid)' "$(run_one leaves_test)"
expect "a test has places of its own" '^1 passed, 0 failed, 0 skipped$' "$(PULT_BUS=ipc:///somewhere run_one private_test)"
expect "all together" '^18 passed, 10 failed, 3 skipped$' "$("$tree/tests/run")"

# A system with neither dpkg nor apt-get: the packages are named, and nothing is done.
mkdir -p "$tree/bin" && for tool in bash dirname sed sort grep id cat; do ln -sf "$(command -v $tool)" "$tree/bin/$tool"; done
output=$(PATH=$tree/bin tools/install-packages build 2>&1; echo "status $?")
expect "packages are named where there is no apt-get" 'libzmq3-dev' "$output"
expect "and make stops" '^status 1$' "$output"
expect "unless they are there under other names" '^status 0$' "$(PULT_PACKAGES=present PATH=$tree/bin tools/install-packages build 2>&1; echo "status $?")"
expect "an unknown kind is refused" '^status 2$' "$(tools/install-packages bulid 2>&1; echo "status $?")"

rm -rf "$tree"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
