#!/bin/sh
# prerm of the deb ("remove", "upgrade" …), %preun of the rpm (0: removed, 1: upgraded). An upgrade ends no connection.
set -e

case "$1" in
  remove | deconfigure | 0)
    /usr/lib/culvert/culvert-helper retire >/dev/null || echo "culvert: a connection did not end" >&2
    if command -v systemctl >/dev/null; then
      systemctl disable culvert-helper.service culvert-helper.socket >/dev/null 2>&1 || true
    fi
    ;;
esac
