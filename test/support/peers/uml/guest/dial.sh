#!/bin/sh
# The stock Linux stack as a client: strongSwan, then xl2tpd, then pppd. Prints what each part took, in milliseconds.
. /scripts/common.sh
now() { echo $(($(date +%s%N) / 1000000)); }
has_address() { ip -4 -o address | grep -q ' ppp'; }
answered() { has_address || grep -qs 'authentication failed' /run/pppd.log; }
rm -f /run/pppd.log
configure
began=$(now)
start_ipsec || exit 1
daemon=$(now)
timeout 40 ipsec up l2tp >/run/ipsec-up.log 2>&1 || { echo 'IKE failed:' >&2; tail -n 15 /run/ipsec-up.log >&2; exit 1; }
ipsec=$(now)
xl2tpd -D >/run/xl2tpd.log 2>&1 &
wait_for 30 answered
has_address || { echo 'no PPP address:' >&2; tail -q -n 30 /run/pppd.log /run/xl2tpd.log >&2; exit 1; }
l2tp=$(now)
# pppd gives the device its address before it is up.
wait_for 5 ip route replace "$OFFICE/32" dev ppp0 || { echo 'no route' >&2; exit 1; }
echo "daemonMs=$((daemon - began)) ikeMs=$((ipsec - daemon)) l2tpMs=$((l2tp - ipsec))"
