#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# healthcheck PORT PATH: whether an HTTP server on this machine answers 200. With what a minimal
# image has; for the health checks of containers.
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&3
read -r -t 2 _ status _ <&3
[[ $status == 200 ]]
