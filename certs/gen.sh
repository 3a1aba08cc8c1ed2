#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# gen.sh DIR: makes the certificates and keys that tests use, in DIR (made if it is missing; files of
# an earlier run are replaced). certs/README.md lists them. Nothing made here is ever committed.
set -euo pipefail

[[ $# -eq 1 && -n $1 ]] || {
    printf 'usage: %s DIR\n' "$0" >&2
    exit 2
}
umask 077
mkdir -p "$1"
cd "$1"

# make_ca NAME: a certificate authority of its own.
make_ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 30 -sha256 \
        -subj "/CN=cordwood test $1" -addext basicConstraints=critical,CA:TRUE \
        -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$1.key" -out "$1.crt"
}

# make_cert NAME CA USAGE SAN DAYS: a certificate of that authority, for serverAuth or clientAuth.
make_cert() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -sha256 \
        -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
    printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n' >"$1.ext"
    printf 'extendedKeyUsage=%s\nsubjectAltName=%s\n' "$3" "$4" >>"$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -sha256 \
        -days "$5" -extfile "$1.ext" -out "$1.crt"
    rm -f "$1.csr" "$1.ext"
}

make_all() {
    make_ca ca
    make_ca other-ca
    make_cert server ca serverAuth DNS:localhost,IP:127.0.0.1,IP:::1 30
    make_cert client ca clientAuth DNS:client 30
    make_cert other-name ca clientAuth DNS:other-name 30
    make_cert host ca clientAuth DNS:Web-1.example.org,IP:127.0.0.9 30
    make_cert expired ca clientAuth DNS:client -1
    make_cert other-client other-ca clientAuth DNS:client 30
    rm -f ca.srl other-ca.srl
}

make_all 2>gen.log || {
    cat gen.log >&2
    exit 1
}
rm -f gen.log
