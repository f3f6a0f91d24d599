// What the system must hold, by what it is for. Debian 12's names.

/** @type {Readonly<Record<
  'build' | 'package' | 'check' | 'run' | 'softether' | 'bench' | 'peers' | 'window' | 'display',
  readonly string[]>>} */
export const systemPackages = {
  /** Compiles the native helper. */
  build: [
    'cmake',
    'ninja-build',
    'g++',
    'pkg-config',
    'libssl-dev',
    'libmnl-dev',
    'libnftables-dev',
    'libseccomp-dev',
    'libcap-ng-dev',
    'libsystemd-dev',
    'nlohmann-json3-dev',
    // For this processor alone; the helper does without it.
    ...(process.arch === 'x64' ? ['libipsec-mb-dev'] : []),
  ],
  /** Makes and checks packages. p7zip makes the tar.gz. */
  package: ['dpkg', 'rpm', 'p7zip-full', 'binutils', 'desktop-file-utils'],
  /** Tests, fuzzes and formats it. */
  check: ['libgtest-dev', 'libbenchmark-dev', 'clang', 'libclang-rt-14-dev', 'clang-format', 'clang-tidy'],
  /** Makes and reads the namespaces that the demo and the tests live in. */
  run: ['iproute2', 'nftables', 'iputils-ping', 'procps', 'util-linux'],
  /** A gateway of the tests, and of the benchmarks. */
  softether: ['softether-vpnserver', 'softether-vpncmd'],
  /** What Culvert is measured beside. */
  bench: ['openvpn', 'openssl', 'wireguard-go', 'wireguard-tools'],
  /** The rest of the test peers. */
  peers: [
    'user-mode-linux',
    'mmdebstrap',
    'dbus',
    // What systemd-resolved, which is unpacked and not installed, is linked to.
    'libsystemd-shared',
    'dnsmasq-base',
    'freeradius',
    'freeradius-utils',
    'slapd',
    'ldap-utils',
    // A keychain.
    'gnome-keyring',
    'libsecret-1-0',
    // Signs the directory's certificates.
    'openssl',
    // A domain controller of Active Directory, and winbind's ntlm_auth.
    'samba',
    'samba-ad-provision',
    'samba-dsdb-modules',
    // Without acl_xattr, provisioning fails.
    'samba-vfs-modules',
    'winbind',
  ],
  /** Electron's libraries, the keychain's, and the tool that unpacks a runtime of it. The crypto suite runs in it too. */
  window: ['libgtk-3-0', 'libx11-xcb1', 'libnotify4', 'libnss3', 'libasound2', 'libgbm1', 'libsecret-1-0', 'unzip'],
  /** A screen that is none, fonts, a keychain, and who grants administrator rights: what the app's tests bring instead of a desktop. */
  display: ['xvfb', 'xauth', 'gnome-keyring', 'fonts-dejavu-core', 'dbus', 'polkitd', 'pkexec'],
};

/** What a user-mode Linux guest holds: strongSwan with xl2tpd and pppd, and the tools of its scripts. */
export const guestPackages = [
  'busybox-static',
  'mount',
  'iproute2',
  'iptables',
  'iputils-ping',
  'kmod',
  'procps',
  'socat',
  'xl2tpd',
  'ppp',
  'strongswan-starter',
  'strongswan-charon',
  'libcharon-extra-plugins',
  'libcharon-extauth-plugins',
  'libstrongswan-standard-plugins',
  'libstrongswan-extra-plugins',
];
export const guestRelease = 'bookworm';

/** What a clean Debian holds that the packages are tried on: what they depend on, and what a desktop has. */
export const debianPackages = [
  'libgtk-3-0',
  'libx11-xcb1',
  'libnotify4',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libsecret-1-0',
  'xdg-utils',
  'passwd',
  'libssl3',
  'libmnl0',
  'libnftables1',
  'libseccomp2',
  'libcap-ng0',
  'libsystemd0',
  'libstdc++6',
  'libipsec-mb1',
  'pkexec',
  'polkitd',
  'dbus',
  'systemd-sysv',
  'desktop-file-utils',
  'shared-mime-info',
  // For the rpm, which is installed there for want of a system of its own.
  'rpm',
];
