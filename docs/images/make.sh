#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make.sh: takes the pictures of this folder anew, from the programs of the build `dev` (./dev test
# makes them) and real traffic. Needs Chromium, Node and pngquant; takes about three minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

bytes_max=150000
shots=$(mktemp -d)
trap 'rm -rf "$shots"' EXIT

CORDWOOD_SHOTS=$shots CORDWOOD_BIN=$PWD/build/dev/bin CORDWOOD_SOURCE=$PWD \
    PYTHONPATH=tests/integration/support /usr/bin/python3 -B tests/integration/test_dashboard.py
for name in dashboard-light dashboard-dark phone-light phone-dark tail settings; do
    pngquant --force --speed 1 --strip --output "docs/images/$name.png" 64 -- "$shots/$name.png"
    size=$(stat --format %s "docs/images/$name.png")
    if [[ $size -gt $bytes_max ]]; then
        printf 'make.sh: %s.png has %s bytes; %s allowed\n' "$name" "$size" "$bytes_max" >&2
        exit 1
    fi
done
