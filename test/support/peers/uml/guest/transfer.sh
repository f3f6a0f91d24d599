#!/bin/bash
# Carries COUNT bytes over TCP to or from an office (office-server.mjs), and prints both ends' SHA-256. Its arguments:
# OFFICE send|receive COUNT.
office=$1 direction=$2 count=$3
if [ "$direction" = send ]; then
    exec 3<>"/dev/tcp/$office/5001" || exit 1
    pipe=/run/sent.$$
    mkfifo $pipe
    sha256sum <$pipe >$pipe.sha256 &
    { echo "$count"; head -c "$count" /dev/urandom | tee $pipe; } >&3
    wait
    local=$(cut -c1-64 $pipe.sha256)
    rm $pipe $pipe.sha256
else
    exec 3<>"/dev/tcp/$office/5002" || exit 1
    echo "$count" >&3
    local=$(head -c "$count" <&3 | sha256sum | cut -c1-64)
fi
echo "local=$local remote=$(head -c 64 <&3)"
