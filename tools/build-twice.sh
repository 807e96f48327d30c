#!/bin/sh
# Builds what is published twice, in two directories, with another time zone, language and file mode, and compares the
# jars byte for byte. Prints a line for each jar; fails if any two differ. Uncommitted changes take part.
#
#   tools/build-twice.sh [arguments for mvn, such as -o]        MVN=... chooses another mvn
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
modules='!sample-app,!stacks,!faults,!benchmarks'

build() { # directory, then arguments of env
    mkdir "$1"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard | tar -c --null -T - --ignore-failed-read 2>/dev/null) \
        | tar -x -C "$1"
    (cd "$1" && shift && env "$@" ${MVN:-mvn} -q -DskipTests -DskipITs -Ppublish -pl "$modules" verify $arguments)
}

arguments=$*
umask 022
build "$work/one" TZ=UTC LC_ALL=C
umask 077
build "$work/another-directory" TZ=Asia/Kolkata LC_ALL=C.UTF-8

cd "$work/one"
differing=0
for jar in $(find . -path '*/target/*' -name 'weir-*.jar' ! -name 'original-*' | sort); do
    if cmp -s "$jar" "$work/another-directory/$jar"; then
        echo "same $(sha256sum "$jar" | cut -c1-16) $jar"
    else
        echo "DIFFERENT $jar"
        differing=$((differing + 1))
    fi
done
[ -f bundle/target/weir-all.jar ] || { echo "nothing was built"; exit 1; }
exit "$differing"
