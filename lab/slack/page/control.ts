/** A person's button on the page that does something outside Slack: break a server, mend it. */
export interface Control {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** The words on its two buttons; "Break it" or "Run", and "Undo", where they are left out. */
  readonly runLabel?: string;
  readonly undoLabel?: string;
  /** Of which one is picked before it is run. */
  readonly options?: readonly { readonly id: string; readonly title: string }[];
  /** The option that is in force. */
  chosen?(): string | undefined;
  /** Resolves to a sentence about what was done. `option` is the id of the picked one, where there are options. */
  run(option?: string): Promise<string>;
  undo?(): Promise<string>;
}
