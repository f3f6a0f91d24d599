export { HelperLost, HelperRefusal } from './channel.ts';
export { connectHelper, type Helper } from './helper.ts';
export {
  bundledHelper,
  helperArguments,
  helperBinary,
  type HelperFolders,
  installedHelper,
  startHelper,
} from './process.ts';
export { shellCommand } from './shell.ts';
