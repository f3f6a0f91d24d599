export { HelperLost, HelperRefusal } from './channel.ts';
export { connectHelper, type Helper } from './helper.ts';
export { helperArguments, helperBinary, type HelperFolders, startHelper } from './process.ts';
export { shellCommand } from './shell.ts';
