export { type EspCarrier, espPacketBytes, largestEspPayloadBytes } from './overhead.ts';
export {
  type EspCipher,
  type EspIntegrity,
  type EspSuite,
  cipherKeyBytes,
  espCiphers,
  espIntegrities,
  integrityKeyBytes,
} from './suite.ts';
