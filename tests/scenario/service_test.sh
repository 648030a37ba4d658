#!/usr/bin/env bash
# limit: 120
# What docs/*/administrator.md says, done: make install, the account and the groups, roles by Unix accounts, imports, a backup
# and its check. All of it happens in a throw-away overlay of this machine's root; skipped where that cannot be made.
set -u
cd "$(dirname "$0")/../.." || exit 1
tree=$PWD build=${PULT_BUILD:-build}
case $build in /*) ;; *) build=$tree/$build ;; esac

if [ "${1-}" != inside ]; then
    for program in busd pult console intake; do
        [ -x "$build/$program" ] || { echo "$build/$program is not built"; exit 77; }
    done
    [ "$(id -u)" = 0 ] || { echo "skipped: accounts are made, which needs root"; exit 77; }
    unshare --mount --pid --fork true 2>/dev/null || { echo "skipped: no mounts of its own here, as in a plain chroot"; exit 77; }
    base=$(mktemp -d)
    trap 'rmdir "$base"' EXIT
    PULT_BUILD=$build unshare --mount --pid --fork --kill-child "$0" inside "$base"
    exit $?
fi

# In a mount and process namespace of its own: nothing of this outlives it.
base=$2 root=$2/root
{
    mount --make-rprivate / && mount -t tmpfs tmpfs "$base" && mkdir "$base/up" "$base/work" "$root" &&
        mount -t overlay overlay -o "lowerdir=/,upperdir=$base/up,workdir=$base/work" "$root" &&
        mkdir -p "$root$tree" "$root$build" && mount --rbind "$tree" "$root$tree" && mount --rbind "$build" "$root$build" &&
        mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t tmpfs tmpfs "$root/run"
} 2>/dev/null || { echo "skipped: no overlay of the root can be mounted here"; exit 77; }
in_root() { chroot "$root" env -u PULT_SHARE -u PULT_CONFIG -u MAKEFLAGS "$@"; }
as() { # as ACCOUNT COMMAND: with its groups, and nothing of this environment
    in_root env -i "TSAN_OPTIONS=${TSAN_OPTIONS-}" HOME="/home/$1" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 setpriv --reuid "$1" --regid "$1" --init-groups sh -c "$2" 2>&1
}
passed=0 failed=0
expect() { # expect WHAT STATUS PATTERN COMMAND...: the exit status, and something that the output matches
    local what=$1 status=$2 pattern=$3 output
    shift 3
    output=$("$@" 2>&1)
    local had=$?
    if [ $had = "$status" ] && grep -qE -- "$pattern" <<<"$output"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s: %s\nstatus %s, wanted %s and /%s/\n%s\n' "$what" "$*" $had "$status" "$pattern" "$output"
    fi
}

expect "make install" 0 '' in_root make -s -C "$tree" install BUILD="$build" DESTDIR= PREFIX=/usr
expect "the account" 0 '' in_root systemd-sysusers /usr/lib/sysusers.d/pult.conf
expect "its directories" 0 '' in_root systemd-tmpfiles --create /usr/lib/tmpfiles.d/pult.conf
expect "they are the account's" 0 '^pult 700 pult 755$' in_root sh -c 'echo $(stat -c "%U %a" /var/lib/pult /run/pult)'
for group in pult-dispatch pult-operators pult-scripts pult-admin; do in_root groupadd $group; done
for user in petrova:pult,pult-dispatch sidorova:pult,pult-operators bot:pult,pult-scripts keeper:pult,pult-admin \
    guest:pult stranger:users; do
    in_root useradd -m -G "${user#*:}" "${user%%:*}"
done
# Not the loopback's port: another broker may run on this machine.
sed -i 's|^metrics:.*|metrics: /run/pult/metrics.sock|' "$root/etc/pult/busd.yaml"
expect "the configuration is checked" 0 'is right' as petrova 'pult check --lang en'

start() {
    chroot "$root" env -i "TSAN_OPTIONS=${TSAN_OPTIONS-}" RUNTIME_DIRECTORY=/run/pult STATE_DIRECTORY=/var/lib/pult \
        setpriv --reuid pult --regid pult --init-groups /usr/sbin/busd 2>"$base/log" &
    busd=$!
    for _ in $(seq 100); do grep -q ready "$base/log" && return; sleep 0.1; done
    echo "busd does not start:"; cat "$base/log"; exit 1
}
start
expect "members of the group may connect" 0 '^660 pult 660 pult$' in_root sh -c 'echo $(stat -c "%a %G" /run/pult/requests.sock /run/pult/feed.sock)'
cp config/demo/*.csv "$root/srv/"
chmod 644 "$root"/srv/*.csv
for kind in network premises; do
    expect "an administrator imports" 0 '"sequence":' as keeper "pult import $kind /srv/$kind.csv"
done
report='{"type":"contact.outage_report","data":{"applicant":"person","symptom":"no_power","premise":{"account":"560010000141"}}}'
expect "a script reports" 0 '"incident":1' as bot "echo '$report' | pult publish"
expect "a dispatcher promises" 0 '"in_force":true' as petrova 'pult eta set 1 +90'
expect "an operator tells" 0 '"by":"pult:user:petrova"' as sidorova 'pult eta get --account 560010000141'
expect "an operator promises nothing" 4 . as sidorova "echo '{\"type\":\"eta.withdrawn\",\"data\":{\"incident\":1}}' | pult publish"
expect "a dispatcher imports nothing" 4 . as petrova 'pult import premises /srv/premises.csv'
expect "an administrator sees no incident" 4 . as keeper 'pult query incidents'
expect "without a role nobody is let in" 4 'no role' as guest 'pult query stats --lang en'
expect "outside the group there is no bus" 8 . as stranger 'pult query stats'
expect "rights of another" 0 '"role":"dispatcher"' as keeper 'pult query rights identity=pult:user:petrova'
expect "it says that it is ready" 0 '^ok$' in_root curl -s --unix-socket /run/pult/metrics.sock http://localhost/readyz
expect "manual pages are found" 0 . in_root sh -c 'ls /usr/share/man/man1/pult.1 /usr/share/man/man8/busd.8'

kill -TERM $busd
wait $busd
expect "it ends well" 0 '' test $? = 0
in_root cp -a /var/lib/pult /srv/backup
expect "the backup is whole" 0 '"right":true' in_root pult verify /srv/backup
in_root sh -c 'rm -rf /var/lib/pult && cp -a /srv/backup /var/lib/pult'
start
expect "what was put back goes on" 0 '"incident":1' as sidorova 'pult eta get --account 560010000141'
kill -TERM $busd
wait $busd

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
