import { app, Menu, nativeTheme, protocol, session } from 'electron';
import { dirname, join } from 'node:path';
import { openCertificateStore } from '../dialling/certificate-store.ts';
import { version } from '../engine/version.ts';
import { trialId } from '../contracts/app-state/trial.ts';
import { hostFolders } from '../engine/folders.ts';
import { profileFolders } from '../profiles/folders.ts';
import { SecretKeeper } from '../profiles/kept-secrets/keeper.ts';
import { ProfileStore } from '../profiles/store/store.ts';
import { CertificateDesk } from './certificates/desk.ts';
import { ConnectionManager } from './connections/manager.ts';
import type { UserFolders } from './folders.ts';
import { handlersOf } from './handlers/index.ts';
import { createHostDesk, OnFile } from './host/index.ts';
import { ConnectedMark } from './interruption/mark.ts';
import { watchForInterruption } from './interruption/watch.ts';
import { LogBook } from './log/book.ts';
import { inBackground } from './login/autostart.ts';
import { startAtLogin } from './login/start-at-login.ts';
import { ExpiryWatch } from './notifications/expiry.ts';
import { notifyOf } from './notifications/notifier.ts';
import { notifier } from './notifications/show.ts';
import { ProfileDesk } from './profiles/desk.ts';
import { takeHandedOver } from './profiles/handed-over.ts';
import { ImportDesk } from './profiles/import-desk.ts';
import { PromptDesk } from './prompts/desk.ts';
import { quitAfter } from './quit.ts';
import { ReportDesk } from './report/desk.ts';
import { ServiceDesk } from './service/desk.ts';
import { SettingsDesk } from './settings/desk.ts';
import { SettingsStore } from './settings/store.ts';
import { initialState } from './state/initial.ts';
import { State } from './state/state.ts';
import { TrayIcon } from './tray/tray.ts';
import { TrialDesk } from './trial/desk.ts';
import { Updates } from './updates/updates.ts';
import { lockDownSession } from './window/lockdown.ts';
import { MainWindow } from './window/main-window.ts';
import { PageFiles, pageScheme } from './window/page-files.ts';

/** Puts the app together and opens its window. */
export async function compose(folders: UserFolders): Promise<void> {
  // All of the main process is bundled beside the preload script and the page.
  const built = import.meta.dirname;
  const settingsStore = new SettingsStore(folders.config);
  const platform = process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux';
  const state = new State(initialState({ version, platform }, settingsStore.read()));
  const log = new LogBook((slice) => {
    state.write('log', slice);
  });
  const updates = new Updates(state, (text) => {
    log.add('info', 'updates', text);
  });
  const settings = new SettingsDesk(settingsStore, state, (wanted, before) => {
    nativeTheme.themeSource = wanted.theme;
    if (wanted.checkForUpdates !== before?.checkForUpdates) updates.follow(wanted.checkForUpdates);
    // Not at every start: what the user has changed in the system's own settings since then is theirs.
    if (before !== undefined && wanted.startAtLogin !== before.startAtLogin) {
      startAtLogin(wanted.startAtLogin, dirname(folders.config));
    }
  });
  watchForInterruption(new ConnectedMark(folders.state), state, (text) => {
    log.add('warning', 'app', text);
  });
  const prompts = new PromptDesk((waiting) => {
    state.write('prompts', waiting);
  });
  const profileFiles = profileFolders();
  const profileStore = new ProfileStore(profileFiles);
  const certificateStore = openCertificateStore();
  const secrets = new SecretKeeper(profileFiles.secrets);
  const profiles = new ProfileDesk(profileStore, secrets, certificateStore, (slice) => {
    state.write('profiles', slice);
  });
  const certificates = new CertificateDesk(certificateStore, profileStore, (slice) => {
    state.write('certificates', slice);
  });
  const imports = new ImportDesk(profiles, (slice) => {
    state.write('importing', slice);
  });
  const trial = new TrialDesk(version, (text) => {
    log.add('debug', 'trial', text);
  });
  const connections = new ConnectionManager({
    profile: (id) => (id === trialId ? trial.find() : profiles.find(id)),
    prompts,
    onView: (view) => {
      state.write('connection', view);
    },
    onTraffic: (traffic) => {
      state.write('traffic', traffic);
    },
    log: (level, source, text) => {
      log.add(level, source, text);
    },
  });
  const host = createHostDesk({
    version,
    folders: hostFolders(),
    onFile: new OnFile(folders.state),
    onSlice: (slice) => {
      state.write('host', slice);
    },
    log: (level, source, text) => {
      log.add(level, source, text);
    },
  });
  const report = new ReportDesk(state, log);
  const service = new ServiceDesk((text) => {
    log.add('info', 'app', text);
  });
  const services = {
    state,
    settings,
    service,
    profiles,
    imports,
    certificates,
    connections,
    prompts,
    host,
    log,
    report,
  };

  Menu.setApplicationMenu(null);
  await lockDownSession(session.defaultSession);
  const files = new PageFiles(join(built, 'renderer'));
  protocol.handle(pageScheme, (request) => files.answer(request));
  const window = new MainWindow({
    state,
    handlers: handlersOf(services),
    preload: join(built, 'preload.cjs'),
    icon: join(built, 'icon.png'),
    stateFolder: folders.state,
    log: (text) => {
      log.add('warning', 'app', text);
    },
  });
  app.on('second-instance', () => {
    window.show();
  });
  app.on('activate', () => {
    window.show();
  });
  // Without a window the app goes on: packets flow, the tray is there.
  app.on('window-all-closed', () => undefined);
  quitAfter(() => Promise.all([connections.disconnect(), host.keeper.stop()]));
  if (!process.argv.includes(inBackground)) window.show();
  new TrayIcon(join(built, 'tray'), state, {
    open: () => {
      window.show();
    },
    connect: (profile) => {
      void connections.connect({ profile });
      window.show();
    },
    disconnect: () => {
      void connections.disconnect();
    },
    quit: () => {
      app.quit();
    },
  });
  notifyOf(
    state,
    () => window.isFocused,
    () => {
      window.show();
    },
  );
  const expiry = new ExpiryWatch({
    entries: () => state.read('certificates').entries,
    folder: folders.state,
    show: notifier(state, () => {
      window.show();
    }),
    nowMs: Date.now,
  });
  log.add('info', 'app', `Culvert ${version} is ready`);
  profiles.begin();
  certificates.begin();
  expiry.begin(() => {
    certificates.tell();
  });
  takeHandedOver(imports, () => {
    window.show();
  });
  await host.keeper.begin();
}
