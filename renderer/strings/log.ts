export const log = {
  title: 'Log',
  filter: 'Filter',
  filterPlaceholder: 'Words to look for',
  level: 'Level',
  levels: { debug: 'Everything', info: 'Normal', warning: 'Warnings and errors', error: 'Errors only' },
  clear: 'Clear',
  redacted: 'Hide names and public addresses',
  empty: { title: 'Nothing here', text: 'What Culvert does is written here while it runs.' },
  none: 'No line has these words.',
  lines: (count: number) => (count === 1 ? '1 line' : `${count} lines`),
  label: 'Log lines',
};
