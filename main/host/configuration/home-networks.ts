/**
 * Where the clients of an office often sit: what home routers and telephones give out unless somebody changed it. A pool of
 * the same addresses makes the office unreachable from there.
 */
export const homeNetworks: readonly { readonly network: string; readonly who: string }[] = [
  { network: '192.168.0.0/24', who: 'many routers (D-Link, TP-Link, Netgear)' },
  { network: '192.168.1.0/24', who: 'many routers (ASUS, Linksys, TP-Link, providers)' },
  { network: '192.168.2.0/24', who: 'routers of Belkin and of Deutsche Telekom' },
  { network: '192.168.3.0/24', who: 'routers of Huawei' },
  { network: '192.168.4.0/22', who: 'routers of eero' },
  { network: '192.168.8.0/24', who: 'mobile routers of Huawei and GL.iNet' },
  { network: '192.168.10.0/24', who: 'routers of several providers' },
  { network: '192.168.11.0/24', who: 'routers of Buffalo' },
  { network: '192.168.15.0/24', who: 'routers of Vivo and of Motorola' },
  { network: '192.168.31.0/24', who: 'routers of Xiaomi' },
  { network: '192.168.43.0/24', who: 'telephones with Android' },
  { network: '192.168.50.0/24', who: 'routers of ASUS' },
  { network: '192.168.68.0/22', who: 'routers of TP-Link (Deco)' },
  { network: '192.168.86.0/24', who: 'routers of Google' },
  { network: '192.168.88.0/24', who: 'routers of MikroTik' },
  { network: '192.168.100.0/24', who: 'routers of Huawei and of fibre providers' },
  { network: '192.168.123.0/24', who: 'routers of several makers' },
  { network: '192.168.178.0/24', who: 'routers of AVM (FRITZ!Box)' },
  { network: '192.168.254.0/24', who: 'routers of several providers' },
  { network: '10.0.0.0/24', who: 'routers of Comcast and of Apple' },
  { network: '10.0.1.0/24', who: 'routers of Apple' },
  { network: '10.1.1.0/24', who: 'routers of several makers' },
  { network: '10.1.10.0/24', who: 'routers of Comcast for offices' },
  { network: '172.16.0.0/23', who: 'routers of several makers' },
  { network: '172.20.10.0/28', who: 'iPhones' },
];
