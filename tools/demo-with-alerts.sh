#!/bin/sh
# The demo, and a Prometheus that watches it: kill Redis on the page, and see an alert fire. Ctrl-C ends both.
# Takes Prometheus from the PATH, else Debian's package, unpacked under target and not installed.
set -eu
cd "$(dirname "$0")/.."

sample=sample-app/target/sample-app.jar
is_up_to_date() {
  [ -f "$sample" ] || return 1
  # A directory is newer when a file in it was deleted.
  newer=$(find . -path '*/target/*' -prune -o \( -path '*/src/main/*' -o -name pom.xml \) -newer "$sample" -print | head -n 1)
  [ -z "$newer" ]
}
if ! is_up_to_date; then
  mkdir -p target
  touch target/begun
  mvn -q -DskipTests package -pl sample-app,bundle -am
  touch -r target/begun "$sample" # So that what is edited during the build is built next time.
fi

unpacked=target/prometheus
prometheus=$(command -v prometheus || echo "$PWD/$unpacked/usr/bin/prometheus")
[ -x "$prometheus" ] || sh sample-app/src/test/alerts/fetch-prometheus.sh "$unpacked"

mkdir -p target
data=$(mktemp -d)
(cd docs/operations && exec "$prometheus" --config.file=prometheus.yml --storage.tsdb.path="$data" \
  --web.listen-address=127.0.0.1:9090) > target/prometheus.log 2>&1 &
watching=$!
demo=
trap 'kill $demo $watching 2> /dev/null || true; wait; rm -rf "$data"' EXIT
trap 'exit 0' HUP INT TERM

sleep 1
kill -0 "$watching" 2> /dev/null || { tail -n 3 target/prometheus.log >&2; exit 1; }
echo "Alerts: http://localhost:9090/alerts (half a minute after Redis was killed, WeirStoreDown fires)"
java -jar "$sample" --demo &
demo=$!
wait "$demo"
