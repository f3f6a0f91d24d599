// Takes out of a packed app what belongs to the runtime's own start page, or to the runtime of the tests.
const { rmSync } = require('node:fs');
const { join } = require('node:path');

/** @param {import('electron-builder').AfterPackContext} context */
module.exports = function afterPack(context) {
  const resources =
    context.electronPlatformName === 'darwin'
      ? join(context.appOutDir, `${context.packager.appInfo.productFilename}.app`, 'Contents', 'Resources')
      : join(context.appOutDir, 'resources');
  for (const name of ['default_app.asar', 'app']) rmSync(join(resources, name), { recursive: true, force: true });
};
