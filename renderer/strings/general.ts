export const general = {
  product: 'Culvert',
  pages: {
    navigation: 'Pages',
    connect: 'Connect',
    profiles: 'Profiles',
    certificates: 'Certificates',
    host: 'Host',
    log: 'Log',
    settings: 'Settings',
  },
  field: {
    show: (label: string) => `Show ${label}`,
    hide: (label: string) => `Hide ${label}`,
  },
  cancel: 'Cancel',
  failed: 'This did not work',
  close: 'Close',
  saved: (path: string) => `Saved: ${path}`,
  crashed: {
    title: 'This page has a defect',
    text: 'The connection is not affected. Please send the report so that it can be mended.',
    again: 'Show the page again',
  },
};
