import { startCulvert } from '../../support/culvert.ts';
import { createPair } from '../../support/namespaces.ts';
import { bridged, startSoftEther } from '../../support/peers/softether.ts';
import { inPair, lastLines, requireProgram, type System } from '../system.ts';

/** SoftEther VPN Server as the gateway of Culvert's own client, both with what they agree on. */
export const softether: System = {
  name: 'softether',
  title: 'SoftEther, Culvert its client',
  kind: 'peer',
  start: async () => {
    await requireProgram('vpncmd', 'softether-vpnserver softether-vpncmd');
    const pair = await createPair();
    return inPair(pair, async () => {
      const gateway = await startSoftEther(pair.far, { bridged: true });
      const culvert = startCulvert(pair.near, { gateway: gateway.address });
      const stop = async () => {
        await culvert.stop();
        await culvert.cleanUp();
        await gateway.stop();
        await pair.remove();
      };
      try {
        const { localAddress } = await culvert.connected();
        return {
          near: { machine: pair.near, address: localAddress },
          far: { machine: pair.far, address: bridged.address },
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
