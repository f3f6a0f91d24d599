import { startCulvert } from '../../support/culvert.ts';
import { createPair, type Machine } from '../../support/namespaces.ts';
import { officeAddress } from '../../support/peers/office.ts';
import { bridged, startSoftEther } from '../../support/peers/softether.ts';
import { inPair, lastLines, requireProgram, type System, type SystemKind } from '../system.ts';

interface SoftEtherSetting {
  readonly name: string;
  readonly title: string;
  readonly kind: SystemKind;
  readonly bridged: boolean;
  /** Where the far end is, behind SoftEther. */
  readonly farAddress: string;
  /** Makes it as fast as it can be. */
  prepare?(near: Machine, device: string): Promise<unknown>;
}

function softEtherSystem(setting: SoftEtherSetting): System {
  return {
    ...setting,
    start: async () => {
      await requireProgram('vpncmd', 'softether-vpnserver softether-vpncmd');
      const pair = await createPair();
      return inPair(pair, async () => {
        const gateway = await startSoftEther(pair.far, { bridged: setting.bridged });
        const culvert = startCulvert(pair.near, { gateway: gateway.address });
        const stop = async () => {
          await culvert.stop();
          await culvert.cleanUp();
          await gateway.stop();
          await pair.remove();
        };
        try {
          const { localAddress, tunnelName } = await culvert.connected();
          await setting.prepare?.(pair.near, tunnelName);
          return {
            near: { machine: pair.near, address: localAddress },
            far: { machine: pair.far, address: setting.farAddress },
            sources: [localAddress],
            diagnosis: () => lastLines(culvert.process.stdout() + culvert.process.stderr()),
            stop,
          };
        } catch (error) {
          await stop();
          throw error;
        }
      });
    },
  };
}

/** SoftEther VPN Server as the gateway of Culvert's own client, both with what they agree on. */
export const softethers: readonly System[] = [
  softEtherSystem({
    name: 'softether',
    title: 'SoftEther, SecureNAT',
    kind: 'translator',
    bridged: false,
    farAddress: officeAddress,
    // Its window of 64 KB would leave as one super-packet a round trip, which halves its rate.
    prepare: (near, device) => near.exec(['ip', 'link', 'set', device, 'gso_max_size', '16000']),
  }),
  softEtherSystem({
    name: 'softetherbridge',
    title: 'SoftEther, bridged to a TAP device',
    kind: 'peer',
    bridged: true,
    farAddress: bridged.address,
  }),
];
