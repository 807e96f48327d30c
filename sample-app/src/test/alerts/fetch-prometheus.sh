#!/bin/sh
# Unpacks Debian's Prometheus into a directory, without root.
set -e
command -v apt-get > /dev/null && command -v dpkg > /dev/null || { echo "no apt here: install prometheus" >&2; exit 1; }
mkdir -p "$1" && cd "$1"
apt-get download -q prometheus
for package in *.deb; do dpkg -x "$package" . && rm "$package"; done
