import { decode, encode, type Codec } from '../../wire/codec.ts';
import { WireError } from '../../wire/error.ts';
import { ChangePassword, ChapValue, MsChapResponse } from '../../ppp/auth/chap.ts';

/** draft-kamath-pppext-eap-mschapv2 §2: what CHAP's packets say, under an opcode and a header of its own. */
export const mschapCodes = { challenge: 1, response: 2, success: 3, failure: 4, changePassword: 7 } as const;

export type MsChapMessage =
  | {
      readonly code: 'challenge';
      readonly identifier: number;
      readonly challenge: Uint8Array;
      readonly name: Uint8Array;
    }
  | {
      readonly code: 'response';
      readonly identifier: number;
      readonly response: MsChapResponse;
      readonly name: Uint8Array;
    }
  | { readonly code: 'success'; readonly identifier: number; readonly text: Uint8Array }
  | { readonly code: 'failure'; readonly identifier: number; readonly text: Uint8Array }
  | { readonly code: 'changePassword'; readonly identifier: number; readonly change: ChangePassword };

const headerBytes = 4;
const challengeBytes = 16;
const said = { identifier: 0, text: new Uint8Array() };

export const MsChapMessage: Codec<MsChapMessage> = {
  read: (reader) => {
    const code = reader.u8('opcode');
    // §2.3, §2.5: the peer's word that it heard is its opcode alone.
    if (reader.remaining === 0 && code === mschapCodes.success) return { code: 'success', ...said };
    if (reader.remaining === 0 && code === mschapCodes.failure) return { code: 'failure', ...said };
    const identifier = reader.u8('MS-CHAPv2 identifier');
    const lengthBytes = reader.u16('MS length');
    if (lengthBytes < headerBytes) reader.fail('a length below 4');
    const body = reader.take(lengthBytes - headerBytes, 'MS-CHAPv2 data');
    reader.rest();
    switch (code) {
      case mschapCodes.challenge: {
        const { value, name } = decode(ChapValue, body);
        if (value.length !== challengeBytes) reader.fail(`a challenge of ${value.length} bytes`);
        return { code: 'challenge', identifier, challenge: value, name };
      }
      case mschapCodes.response: {
        const { value, name } = decode(ChapValue, body);
        return { code: 'response', identifier, response: decode(MsChapResponse, value), name };
      }
      case mschapCodes.success:
        return { code: 'success', identifier, text: body };
      case mschapCodes.failure:
        return { code: 'failure', identifier, text: body };
      case mschapCodes.changePassword:
        return { code: 'changePassword', identifier, change: decode(ChangePassword, body) };
      default:
        return reader.fail(`opcode ${code}`);
    }
  },
  write: (writer, message) => {
    const body = bodyOf(message);
    const lengthBytes = headerBytes + body.length;
    if (lengthBytes > 0xffff) throw new WireError('wire.tooLong', writer.length, 'MS-CHAPv2 message');
    writer.u8(mschapCodes[message.code]).u8(message.identifier).u16(lengthBytes).raw(body);
  },
};

function bodyOf(message: MsChapMessage): Uint8Array {
  switch (message.code) {
    case 'challenge':
      return encode(ChapValue, { value: message.challenge, name: message.name });
    case 'response':
      return encode(ChapValue, { value: encode(MsChapResponse, message.response), name: message.name });
    case 'success':
    case 'failure':
      return message.text;
    case 'changePassword':
      return encode(ChangePassword, message.change);
  }
}
