export { espPacketBytes, largestEspPayloadBytes } from './overhead.ts';
export { type EspSuite, cipherKeyBytes, espCiphers, espIntegrities, integrityKeyBytes } from './suite.ts';
