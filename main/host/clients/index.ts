/**
 * How the clients of a host are set up: exactly what to do on each (`clientInstructions`), files that do it (`files`), and a code
 * for telephones (`settingsText`, `qrModules`, `qrRows`). All of it is made of `ClientFacts`, which come from the configuration.
 */
export { clientFacts, type ClientFacts } from './facts.ts';
export { files } from './files.ts';
export { clientInstructions } from './instructions.ts';
export { qrModules, qrRows, settingsText } from './qr-code.ts';
