#!/usr/bin/env bash
# docs/reference and the manual pages are what tools/make-docs writes; groff reads the pages; links lead somewhere; both
# languages have the same files.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${PULT_BUILD:-build}
passed=0 failed=0 skipped=0
for program in busd pult console intake; do
    [ -x "$build/$program" ] || { echo "$build/$program is not built"; exit 77; }
done
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

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

same_pages() { # same_pages DIR: every file that make-docs wrote to DIR is the one in docs/, and no other is there
    local file status=0
    for file in $(cd "$1" && find reference man -type f); do
        diff -u "docs/$file" "$1/$file" | head -40
        cmp -s "docs/$file" "$1/$file" || status=1
    done
    for file in $(cd docs && find reference man -type f ! -name '*.in'); do
        [ -e "$1/$file" ] || { echo "docs/$file is written by nobody"; status=1; }
    done
    return $status
}

dead_links() { # prints each [text](target) of a page whose target is no file beside it
    local page target status=0
    for page in README.md docs/*.md docs/*/*.md; do
        for target in $(grep -o '](\([^)#]*\)' "$page" | sed 's/^](//' | grep -v '^http'); do
            [ -e "$(dirname "$page")/$target" ] || { echo "$page: $target"; status=1; }
        done
    done
    return $status
}

expect "make-docs writes" tools/make-docs "$made"
expect "docs/ differs from what the programs print; run make docs" same_pages "$made"
echo "| planted |" >>"$made/reference/keys.md"
expect "a page that differs is noticed" sh -c "! diff -q docs/reference/keys.md '$made/reference/keys.md'"
if command -v groff >/dev/null; then
    for page in docs/man/*.[18]; do
        expect "groff reads it without a word" sh -c "groff -mdoc -Tutf8 -ww '$page' 2>&1 >/dev/null | { ! grep .; }"
    done
else
    skipped=$((skipped + 1))
fi
expect "links lead somewhere" dead_links
expect "both languages have the same files" diff <(ls docs/en) <(ls docs/ru)
expect "no line names this machine's directories" sh -c '! grep -rnE "/(work|root|home/[a-z]+)/" README.md docs'

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
