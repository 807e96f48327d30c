#!/bin/sh
# Runs the tests of the Redis store on another server than the bundled Redis 7.0: one that a release of Debian has.
# Nothing is installed: apt downloads it with its libraries, checks their signatures, and all is unpacked into
# redisson-backend/target.
#
#   tools/other-redis.sh                               Redis and Valkey of Debian 13, Valkey of Debian testing
#   tools/other-redis.sh valkey testing                one of them
#   tools/other-redis.sh redis trixie -Dtest=TwinTest  the same, with arguments for mvn
#
# Needs Debian, or a system that uses its archive, for amd64 or arm64; and no Docker, which the tests would
# prefer. Prints a line for each server; fails if one of them fails.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
site=$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -m 1 '/debian/*$') \
    || { echo "apt names no site of Debian packages" >&2; exit 2; }
[ -z "${DOCKER_HOST:-}" ] && [ ! -e /var/run/docker.sock ] \
    || { echo "the tests would take a Redis from Docker, not this one" >&2; exit 2; }
[ -f "$keys" ] || { echo "$keys is missing: install debian-archive-keyring" >&2; exit 2; }

unpack() { # directory, package, release
    mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
    : > "$1/status" # As if nothing were installed: so all libraries are downloaded, too.
    echo "deb [signed-by=$keys] $site $3 main" > "$1/sources.list"
    set -- "$@" -o Dir::Etc::sourcelist="$1/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$1/lists" -o Dir::State::status="$1/status" \
        -o Dir::Cache="$1/cache" -o Debug::NoLocking=1
    directory=$1 package=$2
    shift 3
    apt-get -qq "$@" update
    apt-get -qq "$@" --yes --no-install-recommends --download-only install "$package" > /dev/null
    for archive in "$directory"/cache/archives/*.deb; do
        dpkg-deb -x "$archive" "$directory/root"
    done
}

run() { # redis or valkey, release, then arguments of mvn
    directory=$root/redisson-backend/target/other-redis/$1-$2
    rm -rf "$directory"
    unpack "$directory" "$1-server" "$2"
    loader=$(find "$directory/root" -name 'ld-linux-*' -type f | head -n 1)
    libraries=$(dirname "$(find "$directory/root" -name libc.so.6 | head -n 1)")
    mkdir "$directory/bin"
    cat > "$directory/bin/redis-server" <<EOF
#!/bin/sh
exec "$loader" --argv0 redis-server --library-path "$libraries" "$directory/root/usr/bin/$1-server" "\$@"
EOF
    chmod +x "$directory/bin/redis-server"
    version=$("$directory/bin/redis-server" --version)
    shift 2
    code=0
    (cd "$root" && PATH="$directory/bin:$PATH" ${MVN:-mvn} --batch-mode verify -pl redisson-backend -am \
        -Dtest='dev.weir.redisson.**' -Dsurefire.failIfNoSpecifiedTests=false "$@") > "$directory/log" 2>&1 || code=1
    counts=$(sed -n 's/^\[[A-Z]*\] *\(Tests run: [^-]*\)$/\1/p' "$directory/log" | tail -n 1)
    [ -n "$counts" ] || code=1
    echo "${version%% sha=*}: ${counts:-no tests} ($directory/log)"
    return "$code"
}

if [ $# -gt 0 ]; then
    [ $# -gt 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
    run "$@"
    exit
fi
failed=0
for server in 'redis trixie' 'valkey trixie' 'valkey testing'; do
    sh "$0" $server || failed=1 # In a shell of its own, where a command that fails ends it.
done
exit "$failed"
