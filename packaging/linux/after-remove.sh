#!/bin/sh
# postrm of the deb ("remove", "purge" …), %postun of the rpm (0: removed, 1: upgraded).
set -e

case "$1" in
  remove | purge | 0)
    if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
    if command -v update-mime-database >/dev/null; then update-mime-database /usr/share/mime >/dev/null 2>&1 || true; fi
    if command -v update-desktop-database >/dev/null; then update-desktop-database -q /usr/share/applications || true; fi
    ;;
esac

# An rpm has no purge: what hosts keep and who is in the group stay there, as after "remove".
if [ "$1" = purge ]; then
  rm -rf /var/lib/culvert
  if getent group culvert >/dev/null; then groupdel culvert || true; fi
fi
