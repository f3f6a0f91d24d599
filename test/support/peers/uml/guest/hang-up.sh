#!/bin/sh
# Ends what dial.sh began: the L2TP session first, while ESP still carries its farewell.
. /scripts/common.sh
without() { ! pidof "$@"; }
echo 'd l2tp' >/run/xl2tpd/l2tp-control
wait_for 3 without pppd
kill $(pidof xl2tpd) 2>/dev/null
wait_for 3 without xl2tpd pppd || kill -9 $(pidof pppd xl2tpd)
ipsec down l2tp >/dev/null 2>&1
ipsec stop >/dev/null 2>&1
wait_for 5 without charon
