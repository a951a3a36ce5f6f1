/** A person's button on the page that does something outside Slack: break a server, mend it. */
export interface Control {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Resolves to a sentence about what was done. */
  run(): Promise<string>;
  undo?(): Promise<string>;
}
