export const settings = {
  title: 'Settings',
  appearance: 'Appearance',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  behaviour: 'Behaviour',
  startAtLogin: 'Start when you log in',
  startAtLoginHint: 'Culvert then waits in the tray; it connects when you say so.',
  notifications: 'Notifications',
  notificationsHint:
    'When connected, when the connection is lost, when you have to sign in. Not while you look at this window.',
  updates: 'Look for updates',
  updatesHint:
    'Of installed builds. Where the system checks its signature, an update is installed when you quit; elsewhere you are told.',
  about: 'About',
  version: 'Version',
  newer: 'Newer version',
  installsOnQuit: (version: string) => `${version}, installed when you quit`,
  failed: 'This could not be saved',
};
