#!/usr/bin/env node
// Makes a deb with dpkg-deb, or an rpm with rpmbuild, from the arguments that electron-builder gives to fpm: of fpm's options it
// knows those, and stops at any other. So the packages are made alike wherever these two tools are, and fpm is not needed.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Options that have a value, and what is made of them. Several values of one are a list. */
const known = new Set([
  ...['t', 's', 'C', 'd', 'name', 'version', 'iteration', 'architecture', 'maintainer', 'url', 'vendor', 'license'],
  ...['description', 'package', 'category', 'depends'],
  ...['after-install', 'after-remove', 'before-install', 'before-remove'],
  ...['deb-compression', 'deb-priority', 'deb-recommends', 'rpm-compression', 'rpm-os', 'rpm-summary'],
]);
const flags = new Set(['force', 'debug', 'f']);

/** @param {readonly string[]} argv */
function parse(argv) {
  const words = [...argv];
  /** @type {Record<string, string[]>} */
  const options = {};
  /** @type {{ from: string, to: string }[]} */
  const files = [];
  for (let word; (word = words.shift()) !== undefined;) {
    if (!word.startsWith('-')) {
      const [from = '', to = ''] = word.split('=');
      files.push({ from, to });
      continue;
    }
    const [name = '', given] = word.replace(/^--?/, '').split(/=(.*)/s);
    if (flags.has(name)) continue;
    if (!known.has(name)) throw new Error(`packaging/fpm.mjs knows no option ${word}`);
    (options[name === 'd' ? 'depends' : name] ??= []).push(given ?? words.shift() ?? '');
  }
  return { options, files };
}

/** A tree as it will be on the user's machine: readable by all, writable by root alone, with no owner of this machine. */
function makeTree(/** @type {string} */ tree, /** @type {readonly { from: string, to: string }[]} */ files) {
  for (const { from, to } of files) {
    const place = join(tree, to);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(from.replace(/\/$/, ''), place, { recursive: true, verbatimSymlinks: true });
  }
  for (const entry of readdirSync(tree, { recursive: true, encoding: 'utf8' })) {
    const status = lstatSync(join(tree, entry));
    if (status.isSymbolicLink()) continue;
    chmodSync(join(tree, entry), status.isDirectory() || (status.mode & 0o111) !== 0 ? 0o755 : 0o644);
  }
}

/** @typedef {{ root: string, tree: string, options: Record<string, string[]>, summary: string, body: string[] }} Making */

const first = (/** @type {Making} */ { options }, /** @type {string} */ name, fallback = '') =>
  options[name]?.[0] ?? fallback;

/** @type {Readonly<Record<string, { deb: string, rpm: string }>>} */
const scripts = {
  'before-install': { deb: 'preinst', rpm: 'pre' },
  'after-install': { deb: 'postinst', rpm: 'post' },
  'before-remove': { deb: 'prerm', rpm: 'preun' },
  'after-remove': { deb: 'postrm', rpm: 'postun' },
};

function makeDeb(/** @type {Making} */ making) {
  const { tree, options, summary, body } = making;
  const control = join(tree, 'DEBIAN');
  mkdirSync(control);
  const kibibytes = execFileSync('du', ['-sk', '--exclude=DEBIAN', tree], { encoding: 'utf8' }).split('\t')[0] ?? '0';
  const fields = {
    Package: first(making, 'name'),
    Version: first(making, 'version'),
    Architecture: first(making, 'architecture'),
    Maintainer: first(making, 'maintainer'),
    'Installed-Size': kibibytes,
    Section: first(making, 'category', 'net'),
    Priority: first(making, 'deb-priority', 'optional'),
    Homepage: first(making, 'url'),
    Depends: (options['depends'] ?? []).join(', '),
    Recommends: (options['deb-recommends'] ?? []).join(', '),
    Description: [summary, ...body.map((line) => ` ${line}`)].join('\n'),
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== '');
  writeFileSync(join(control, 'control'), lines.map(([name, value]) => `${name}: ${value}\n`).join(''));
  for (const [name, { deb }] of Object.entries(scripts)) {
    const file = first(making, name);
    if (file === '') continue;
    cpSync(file, join(control, deb));
    chmodSync(join(control, deb), 0o755);
  }
  const asked = process.env['CULVERT_PACKAGE_COMPRESSION'] ?? first(making, 'deb-compression', 'xz');
  const compression = { gz: 'gzip', zst: 'zstd' }[asked] ?? asked;
  const argv = ['--root-owner-group', `-Z${compression}`, '--build', tree, first(making, 'package')];
  execFileSync('dpkg-deb', argv, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** What other packages own; the rest of the folders goes with the last of our files. */
const shared = /^\/(usr(\/(bin|lib(\/systemd(\/system)?)?|share(\/[^/]+)*))?|opt)?$/;

function makeRpm(/** @type {Making} */ making) {
  const { root, tree, options, summary, body } = making;
  const paths = execFileSync('find', ['.', '-printf', '%y /%P\\n'], { cwd: tree, encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ isFolder: line.startsWith('d '), path: line.slice(2) }));
  const files = paths
    .filter(({ isFolder, path }) => !isFolder || !shared.test(path))
    .map(({ isFolder, path }) => `${isFolder ? '%dir ' : ''}"${path}"`);
  const text = Object.entries(scripts).map(([name, { rpm }]) => {
    const file = first(making, name);
    return file === '' ? '' : `\n%${rpm}\n${readFileSync(file, 'utf8')}`;
  });
  const spec = `Name: ${first(making, 'name')}
Version: ${first(making, 'version').replaceAll('-', '_')}
Release: ${first(making, 'iteration', '1')}
Summary: ${summary}
License: ${first(making, 'license', 'MIT')}
URL: ${first(making, 'url')}
AutoReqProv: no
${(options['depends'] ?? []).map((name) => `Requires: ${name}\n`).join('')}
%global __os_install_post %{nil}
%global _build_id_links none
%description
${options['description']?.[0]?.trim() ?? summary}
%install
mkdir -p %{buildroot}
cp -a "${tree}/." %{buildroot}
${text.join('')}
%files
%defattr(-,root,root)
${files.join('\n')}
`;
  writeFileSync(join(root, 'culvert.spec'), spec);
  const architecture = first(making, 'architecture') === 'amd64' ? 'x86_64' : first(making, 'architecture');
  const payload = process.env['CULVERT_PACKAGE_COMPRESSION'] === 'none' ? 'w0.ufdio' : 'w6.xzdio';
  const defined = { _topdir: join(root, 'rpm'), _binary_payload: payload, _buildhost: 'culvert' };
  const defines = Object.entries(defined).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  const argv = ['-bb', '--target', architecture, ...defines, join(root, 'culvert.spec')];
  execFileSync('rpmbuild', argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [made = ''] = readdirSync(join(root, 'rpm', 'RPMS', architecture));
  cpSync(join(root, 'rpm', 'RPMS', architecture, made), first(making, 'package'));
}

const { options, files } = parse(process.argv.slice(2));
const root = mkdtempSync(join(tmpdir(), 'culvert-package-'));
try {
  const tree = join(root, 'tree');
  makeTree(tree, files);
  const [summary = '', ...body] = (options['description']?.[0] ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const making = { root, tree, options, summary: options['rpm-summary']?.[0] ?? summary, body };
  mkdirSync(dirname(first(making, 'package')), { recursive: true });
  const target = first(making, 't');
  if (target === 'deb') makeDeb(making);
  else if (target === 'rpm') makeRpm(making);
  else throw new Error(`packaging/fpm.mjs makes no ${target}`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
