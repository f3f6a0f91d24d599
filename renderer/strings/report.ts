export const report = {
  open: 'Report …',
  title: 'Report for your helpdesk',
  text: 'Versions, phases, network and log. User names, gateways and public addresses are replaced; passwords and keys are never in it. Nothing is sent by Culvert.',
  label: 'The report',
  copy: 'Copy',
  save: 'Save as a file …',
  copied: 'Copied',
  saved: 'Saved',
};
