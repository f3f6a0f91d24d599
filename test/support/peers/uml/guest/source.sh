#!/bin/bash
# Reads a line with a count, sends that many bytes, then their SHA-256. As office-server.mjs on port 5002.
read -r count
sum=$(mktemp -u)
mkfifo "$sum"
sha256sum <"$sum" >"$sum.sha256" &
head -c "$count" /dev/urandom | tee "$sum"
wait
cut -c1-64 "$sum.sha256"
rm -f "$sum" "$sum.sha256"
