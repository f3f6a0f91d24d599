// The arrows of docs/architecture.md ("Folders, and what each may import"): folder of main/ → what it may use there.
/** @type {Readonly<Record<string, readonly string[]>>} */
const parts = {
  contracts: [],
  protocol: [],
  session: ['protocol', 'contracts'],
  files: ['contracts'],
  helper: ['contracts'],
  engine: ['session', 'protocol', 'contracts', 'files', 'helper', 'certificates'],
  host: ['contracts', 'files', 'protocol', 'session', 'helper', 'engine', 'profiles', 'certificates'],
  profiles: ['contracts', 'files'],
  certificates: ['contracts', 'files'],
  dialling: ['contracts', 'files', 'engine', 'profiles', 'certificates'],
  diagnostics: ['contracts', 'engine'],
  elevation: ['contracts', 'helper', 'engine'],
  trial: ['contracts', 'files', 'helper', 'host', 'profiles'],
  preload: ['contracts'],
};
const everyPart = Object.keys(parts);
/** @type {Readonly<Record<string, readonly string[]>>} */
const arrows = { ...parts, cli: everyPart, app: everyPart };

/**
 * Layers without Node: what they may use besides is named here.
 *
 * @type {Readonly<Record<string, string>>}
 */
const pure = { contracts: '^node_modules/zod/', protocol: '^$', session: '^$' };

const within = (/** @type {string} */ folder, /** @type {readonly string[]} */ allowed) => ({
  name: `${folder}-imports`,
  comment: `main/${folder} may import ${allowed.length === 0 ? 'itself only' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^main/${folder}/` },
  to: { path: '^(main|renderer|test)/', pathNot: `^main/(${[folder, ...allowed].join('|')})/` },
});

const withoutNode = (/** @type {string} */ folder, /** @type {string} */ allowed) => ({
  name: `${folder}-is-pure`,
  comment: `main/${folder} uses no Node module and no package but what the table says`,
  severity: 'error',
  from: { path: `^main/${folder}/` },
  to: { dependencyTypesNot: ['local', 'type-only'], pathNot: [allowed, '^main/'] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(arrows).map(([folder, allowed]) => within(folder, allowed)),
    ...Object.entries(pure).map(([folder, allowed]) => withoutNode(folder, allowed)),
    {
      name: 'known-folders',
      comment: 'a new folder of main/ gets its row in the table above and in docs/architecture.md',
      severity: 'error',
      from: {},
      to: { path: '^main/[^/]+/', pathNot: `^main/(${Object.keys(arrows).join('|')})/` },
    },
    {
      name: 'known-folders-import',
      comment: 'as known-folders, for a folder that nobody imports yet',
      severity: 'error',
      from: { path: '^main/[^/]+/', pathNot: `^main/(${Object.keys(arrows).join('|')})/` },
      to: {},
    },
    {
      name: 'renderer-imports',
      comment: 'the renderer sees the contracts alone',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^(main|test)/', pathNot: '^main/contracts/' },
    },
    {
      name: 'no-tests-inside',
      comment: 'the program does not know its tests',
      severity: 'error',
      from: { path: '^(main|renderer)/' },
      to: { path: '^test/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared-packages',
      comment:
        'the program uses the packages that package.json declares as its dependencies; Electron is what it runs in',
      severity: 'error',
      from: { path: '^(main|renderer)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], pathNot: '^node_modules/electron/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
