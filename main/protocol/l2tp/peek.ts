import { WireError } from '../wire/error.ts';
import { peekTunnelId } from './header.ts';
import { readMessage } from './messages.ts';

/** For whom a control message is, where one peer may have several tunnels. */
export interface ControlNames {
  /** Ours; 0 where the sender does not know it yet. */
  readonly tunnelId: number;
  /** The sender's own, where the message says so in the clear. */
  readonly senderTunnelId?: number;
  readonly opens: boolean;
}

/** @returns undefined for what is no control message of L2TPv2. */
export function peekControl(bytes: Uint8Array): ControlNames | undefined {
  const tunnelId = peekTunnelId(bytes);
  if (tunnelId === undefined || tunnelId !== 0) return tunnelId === undefined ? undefined : { tunnelId, opens: false };
  try {
    const { name, avps } = readMessage(bytes, undefined);
    const { assignedTunnelId } = avps;
    return {
      tunnelId,
      opens: name === 'SCCRQ',
      ...(assignedTunnelId !== undefined && { senderTunnelId: assignedTunnelId }),
    };
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
