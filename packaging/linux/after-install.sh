#!/bin/sh
# postinst of the deb ("configure", the version before), %post of the rpm (1: installed, 2: upgraded).
set -e

case "$1" in
  configure | 1 | 2) ;;
  *) exit 0 ;;
esac

# Chromium's sandbox works without it where the kernel lets everybody have user namespaces, and not everywhere does it.
chown root:root /opt/Culvert/chrome-sandbox
chmod 4755 /opt/Culvert/chrome-sandbox

if [ -d /run/systemd/system ]; then
  # Makes the group, puts into it who ran sudo, and (re)starts the service. Connections go on.
  /usr/lib/culvert/culvert-helper install >/dev/null || echo "culvert: the service did not start: systemctl status culvert-helper" >&2
else
  getent group culvert >/dev/null || groupadd --system culvert
  if command -v systemctl >/dev/null; then
    systemctl enable culvert-helper.service culvert-helper.socket >/dev/null 2>&1 || true
  fi
fi

if command -v update-mime-database >/dev/null; then update-mime-database /usr/share/mime >/dev/null 2>&1 || true; fi
if command -v update-desktop-database >/dev/null; then update-desktop-database -q /usr/share/applications || true; fi

if [ "$1" = 1 ] || { [ "$1" = configure ] && [ -z "$2" ]; }; then
  echo 'Culvert: who may connect is whom you put into the group "culvert": usermod -aG culvert USER'
fi
