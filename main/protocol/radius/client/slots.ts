import type { ServerState } from './state.ts';

/** RFC 2865 §3: the identifier is one byte. */
const identifiers = 256;

export function identifierOf(slot: number): number {
  return slot % identifiers;
}

export function socketOf(slot: number): number {
  return Math.floor(slot / identifiers);
}

export function slotOf(socket: number, identifier: number): number {
  return socket * identifiers + identifier;
}

/** Takes the next free slot, in one more socket where those in use have none; `undefined`: no more sockets either. */
export function takeSlot(
  server: ServerState,
  serial: number,
  mostSockets: number,
): { readonly slot: number; readonly server: ServerState } | undefined {
  const full = server.slots.size === server.sockets * identifiers;
  if (full && server.sockets >= mostSockets) return undefined;
  const sockets = full ? server.sockets + 1 : server.sockets;
  let slot = full ? server.sockets * identifiers : server.nextSlot;
  while (server.slots.has(slot)) slot = (slot + 1) % (sockets * identifiers);
  const slots = new Map(server.slots).set(slot, serial);
  return { slot, server: { ...server, sockets, slots, nextSlot: (slot + 1) % (sockets * identifiers) } };
}

export function freeSlot(server: ServerState, slot: number): ServerState {
  const slots = new Map(server.slots);
  slots.delete(slot);
  return { ...server, slots };
}
