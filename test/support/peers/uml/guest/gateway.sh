#!/bin/sh
# Brings the guest up as an L2TP/IPsec gateway with an office behind it. L2TP=no: answers IKE, never L2TP.
. /scripts/common.sh
configure
# L2TP only inside ESP. This kernel has no nftables for IPv4, hence the old tool.
iptables-legacy -A INPUT -p udp --dport 1701 -m policy --dir in --pol ipsec -j ACCEPT
iptables-legacy -A INPUT -p udp --dport 1701 -j DROP
[ "$L2TP" = no ] && iptables-legacy -I INPUT -p udp --dport 1701 -j DROP
start_ipsec || exit 1
if [ "$L2TP" != no ]; then
    xl2tpd -D >/run/xl2tpd.log 2>&1 &
    wait_for 10 port_bound 1701 || { echo 'xl2tpd did not start' >&2; cat /run/xl2tpd.log >&2; exit 1; }
fi
ip address add "$OFFICE/32" dev lo
mkdir -p /run/www
cp /share/index.html /run/www/
busybox httpd -p "$OFFICE:80" -h /run/www
socat -t 2 TCP-LISTEN:5001,bind="$OFFICE",fork,reuseaddr EXEC:/scripts/sink.sh >/dev/null 2>&1 &
socat -t 2 TCP-LISTEN:5002,bind="$OFFICE",fork,reuseaddr EXEC:/scripts/source.sh >/dev/null 2>&1 &
