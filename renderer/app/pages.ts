import { BadgeCheck, BookUser, type LucideIcon, Power, RadioTower, ScrollText, SlidersHorizontal } from 'lucide-react';
import { type ComponentType, lazy } from 'react';
import { ConnectPage } from '../features/connect/connect-page.tsx';
import { LogPage } from '../features/log/log-page.tsx';
import { SettingsPage } from '../features/settings/settings-page.tsx';
import { strings } from '../strings/index.ts';

/** Loaded when it is opened: most people never do. */
const HostPage = lazy(async () => ({ default: (await import('../features/host/host-page.tsx')).HostPage }));

const ProfilesPage = lazy(async () => ({
  default: (await import('../features/profiles/profiles-page.tsx')).ProfilesPage,
}));

const CertificatesPage = lazy(async () => ({
  default: (await import('../features/certificates/certificates-page.tsx')).CertificatesPage,
}));

export interface PageEntry {
  readonly id: string;
  readonly title: string;
  readonly icon: LucideIcon;
  readonly component: ComponentType;
}

/** The pages, in the order of the sidebar: a new one is a folder of `features/` and a row here. */
export const pages: readonly [PageEntry, ...PageEntry[]] = [
  { id: 'connect', title: strings.pages.connect, icon: Power, component: ConnectPage },
  { id: 'profiles', title: strings.pages.profiles, icon: BookUser, component: ProfilesPage },
  { id: 'certificates', title: strings.pages.certificates, icon: BadgeCheck, component: CertificatesPage },
  { id: 'host', title: strings.pages.host, icon: RadioTower, component: HostPage },
  { id: 'log', title: strings.pages.log, icon: ScrollText, component: LogPage },
  { id: 'settings', title: strings.pages.settings, icon: SlidersHorizontal, component: SettingsPage },
];
