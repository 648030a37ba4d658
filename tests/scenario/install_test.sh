#!/usr/bin/env bash
# limit: 300
# make install puts every part in its place, the installed programs find each other and their files wherever the tree was
# moved to, and configuration that an administrator changed is kept.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${PULT_BUILD:-build}
stage=${TMPDIR:-/tmp}/stage
passed=0 failed=0
unset PULT_SHARE PULT_CONFIG MAKEFLAGS

for program in busd pult console intake; do
    [ -x "$build/$program" ] || { echo "$build/$program is not built"; exit 77; }
done

expect() { # expect WHAT COMMAND...
    local what=$1 output
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s: %s\n%s\n' "$what" "$*" "$output"
    fi
}

put() { make -s install BUILD="$build" DESTDIR="$stage" PREFIX=/usr; }

expect "make install" put
for file in usr/sbin/busd usr/bin/pult usr/libexec/pult/console usr/libexec/pult/intake; do
    expect "a program in its place" test -x "$stage/$file"
done
for place in usr/share/pult/schemas/log.entry.yaml usr/share/pult/config/demo etc/pult/busd.yaml etc/pult/roles.yaml \
    etc/pult/{keys,timers,desks,etas,calendar,rules,offices,directory}.yaml etc/pult/answers/office-hours.ru.md \
    usr/lib/sysusers.d/pult.conf usr/lib/tmpfiles.d/pult.conf; do
    expect "a part in its place" test -e "$stage/$place"
done
expect "the unit starts what was installed" grep -qx 'ExecStart=/usr/sbin/busd' "$stage/usr/lib/systemd/system/pult-busd.service"
expect "no mark is left unfilled" sh -c "! grep -r '@[A-Z]*@' '$stage/usr/lib'"

moved=${TMPDIR:-/tmp}/moved
mv "$stage" "$moved"
cd / || exit 1
export PULT_CONFIG=$moved/etc/pult
expect "the moved busd finds its schemas" "$moved/usr/sbin/busd" -n
mv "$moved/usr/share/pult" "$moved/usr/share/away"
expect "without them it says so and fails" sh -c "! '$moved/usr/sbin/busd' -n"
mv "$moved/usr/share/away" "$moved/usr/share/pult"
expect "the moved pult finds busd and the demo" timeout 60 "$moved/usr/bin/pult" demo
unset PULT_CONFIG
mv "$moved" "$stage"
cd - >/dev/null || exit 1

if command -v systemd-analyze >/dev/null; then
    # Of 100; the goal is 1.5 of systemd's 10.
    expect "the service is closed to the world" systemd-analyze security --offline=true --threshold=15 \
        "$stage/usr/lib/systemd/system/pult-busd.service"
fi
echo '# changed by the administrator' >>"$stage/etc/pult/busd.yaml"
expect "make install again" put
expect "changed configuration is kept" grep -q 'changed by the administrator' "$stage/etc/pult/busd.yaml"

rm -rf "$stage"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
