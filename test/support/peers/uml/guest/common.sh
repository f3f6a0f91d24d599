# Sourced by the role scripts. The host writes a role's configuration to /share/etc before it runs one.
wait_for() { # wait_for SECONDS COMMAND...: polls until it succeeds
    tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        busybox usleep 50000
    done
}

configure() {
    cp -r /share/etc/. /etc/
    chmod 600 /etc/ipsec.secrets /etc/ppp/*-secrets 2>/dev/null
    # Plugins that only cost time: probing af-alg alone takes seconds in a fresh guest.
    for plugin in af-alg test-vectors ldap pkcs11 gcrypt eap-tnc tnc-tnccs dhcp forecast farp curl; do
        printf '%s {\n load = no\n}\n' $plugin >/etc/strongswan.d/charon/$plugin.conf
    done
}

ipsec_ready() { ipsec statusall | grep -q l2tp; }

start_ipsec() {
    ipsec start >/dev/null 2>&1
    wait_for 20 ipsec_ready || { echo 'the IKE daemon did not start' >&2; return 1; }
}

port_bound() { ss -Hlun "sport = :$1" | grep -q .; }
