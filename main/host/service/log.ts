/** One line of what a host prints. `detail` is for who looks for a fault. No line holds a secret: none gets this far. */
export interface LogLine {
  readonly level: 'info' | 'warning' | 'detail';
  readonly source: 'host' | 'ike' | 'l2tp' | 'ppp' | 'helper' | 'addresses' | 'authority' | 'certificates';
  readonly text: string;
}

export type HostLog = (line: LogLine) => void;
