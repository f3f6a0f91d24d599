import { z } from 'zod';
import {
  type BrokerRequest,
  type DatapathEvent,
  datapathEvent,
  type DatapathRequest,
  helperProtocolVersion,
} from '../contracts/helper.ts';
import { HelperChannel } from './channel.ts';

/** A connected native helper: both of its processes. */
export interface Helper {
  readonly broker: HelperChannel<BrokerRequest, never>;
  readonly datapath: HelperChannel<DatapathRequest, DatapathEvent>;
  /** An earlier run had left something behind, which has been undone now. */
  readonly recovered: boolean;
  /** Hangs up; the helper then restores the machine's network and ends. */
  close(): void;
}

/** Connects to the helper that listens in `runtimeFolder`, and greets both processes. */
export async function connectHelper(runtimeFolder: string): Promise<Helper> {
  const broker = await HelperChannel.connect<BrokerRequest, never>(`${runtimeFolder}/broker.sock`, z.never());
  try {
    const greeting = await broker.request({ kind: 'hello', version: helperProtocolVersion });
    const datapath = await HelperChannel.connect<DatapathRequest, DatapathEvent>(
      `${runtimeFolder}/datapath.sock`,
      datapathEvent,
    );
    await datapath.request({ kind: 'hello', version: helperProtocolVersion });
    return {
      broker,
      datapath,
      recovered: greeting.recovered ?? false,
      close: () => {
        datapath.close();
        broker.close();
      },
    };
  } catch (error) {
    broker.close();
    throw error;
  }
}
