#!/bin/sh
# Unpacks Debian's Chromium with its driver and whatever libraries are missing into a directory, without root.
set -e
command -v apt-get > /dev/null && command -v dpkg > /dev/null || { echo "no apt here: install chromium and chromedriver" >&2; exit 1; }
mkdir -p "$1" && cd "$1"
packages=$(apt-get install --simulate --no-install-recommends chromium chromium-driver | sed -n 's/^Inst \([^ ]*\) .*/\1/p')
apt-get download -q $packages
for package in *.deb; do dpkg -x "$package" . && rm "$package"; done
