#!/usr/bin/env bash
# limit: 120
# Each check of tools/check passes a small clean tree and catches the breach planted for it.
set -u
unset PULT_BUILD BUILD SAN CC CFLAGS MAKEFLAGS # of the make that may have started this one
cd "$(dirname "$0")/../.." || exit 1
tree=${TMPDIR:-/tmp}/check_tree
passed=0 failed=0 skipped=0

tell() { # tell WHAT EXPECTED ACTUAL OUTPUT
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s: expected %s, got %s\n%s\n' "$1" "$2" "$3" "$4"
    fi
}

plant_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"/{lib,busd,tests/unit,tests/lib}
    cp -R Makefile tools .clang-format "$tree"/
    printf '#pragma once\n\nint one_give(void);\n' >"$tree/lib/one.h"
    printf '#include "lib/one.h"\n\nint one_give(void)\n{\n    return 1;\n}\n' >"$tree/lib/one.c"
    printf '#include "lib/one.h"\n\nint main(void)\n{\n    return one_give();\n}\n' >"$tree/busd/main.c"
}

# What each breach does to the clean tree, by the check that must see it.
breach_gcc() { printf '\nint one_take(int x);\nint one_take(int x)\n{\n    unsigned y = x;\n    return y > 1;\n}\n' >>"$tree/lib/one.c"; }
breach_clang() { breach_gcc; }
breach_format() { printf '\nint  one_take( void );\n' >>"$tree/lib/one.h"; }
breach_includes() { sed -i '1i #include "busd/main.h"' "$tree/lib/one.c" && touch "$tree/busd/main.h"; }
breach_symbols() { sed 's|lib/||' "$tree/lib/one.c" >"$tree/busd/one.c" && cp "$tree/lib/one.h" "$tree/busd/" && make -s -C "$tree" CC=gcc; }
breach_words() { echo '// TO''DO: everything' >>"$tree/lib/one.c"; }
breach_scripts() { printf '#!/usr/bin/env bash\nif true; then\n' >"$tree/tests/broken"; }

have() {
    case $1 in
    clang) command -v clang >/dev/null ;;
    format) command -v clang-format >/dev/null ;;
    esac
}

for name in gcc clang format includes symbols words scripts; do
    if ! have $name; then
        echo "skipped: $name is not installed"
        skipped=$((skipped + 1))
        continue
    fi
    plant_tree
    output=$("$tree/tools/check" $name 2>&1)
    tell "$name, clean tree" 0 $? "$output"
    "breach_$name" >/dev/null 2>&1
    output=$("$tree/tools/check" $name 2>&1)
    tell "$name, planted breach" 1 $? "$output"
done

# The table of includes, line by line: each of these must be refused in this file.
while read -r file include; do
    plant_tree
    mkdir -p "$tree/${file%/*}" "$tree/tui" "$tree/console"
    touch "$tree/tui/list.h" "$tree/console/model.h" "$tree/lib/client.h"
    printf '#include %s\n' "$include" >>"$tree/$file"
    output=$("$tree/tools/check" includes 2>&1)
    tell "$include in $file" 1 $? "$output"
done <<'TABLE'
lib/one.c "tui/list.h"
lib/one.c "one.h"
lib/one.c <zmq.h>
lib/one.c <glib.h>
tui/list.c "console/model.h"
tui/list.c <sqlite3.h>
tui/list.c <curses.h>
intake/form.c "console/model.h"
busd/main.c <zmq.h>
busd/main.c "tui/list.h"
busd/engine_apply.c "lib/client.h"
busd/engine_apply.c <time.h>
busd/engine_apply.c <sys/socket.h>
busd/journal.c <openssl/sha.h>
console/model.c <yaml.h>
pult/main.c "tui/list.h"
TABLE

plant_tree
{ printf 'int one_long(void)\n{\n'; yes '    // a line' | head -n 80; printf '}\n'; } >>"$tree/lib/one.c"
output=$("$tree/tools/check" sizes 2>&1)
tell "a function of 80 lines is named" 1 "$(grep -c 'lib/one.c:.*a function of 80 lines' <<<"$output")" "$output"

rm -rf "$tree"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
