/** Slack's limits that we build for; a message that is over any of them is refused whole. Sources: docs.slack.dev and issue threads. */
export const limits = {
  /** Blocks of a message. */
  blocks: 50,
  /** Characters of all blocks of a message. Undocumented: Slack refuses from about 11,300 to 13,200 on. */
  messageCharacters: 10_000,
  /** Characters of the top-level text, which notifications and screen readers use. */
  text: 3_000,
  /** Characters that we let one text element have; Slack allows more in rich text. */
  element: 2_900,
  /** Rows of a table besides its header, columns, characters of all cells, of one cell, and of the caption. */
  tableRows: 100,
  tableColumns: 20,
  tableCharacters: 5_000,
  cellText: 160,
  caption: 120,
  /** Rows that are seen before paging. */
  tablePageRows: 10,
  /** Charts of a message. */
  charts: 2,
  chartTitle: 50,
  chartLabel: 20,
  chartPoints: 20,
  /** The documentation says 6, newer adapters 12. */
  chartSeries: 6,
  altText: 1_000,
  buttonText: 75,
  buttonValue: 2_000,
  contextText: 1_900,
  /** Title, details and output of a task in a stream. */
  taskText: 250,
} as const;

/** Slack forgets nothing and retries for minutes: an event id is remembered for this long. */
export const rememberEventsMs = 3_600_000;
/** chat.update is limited for the whole workspace (about 50 a minute), so frames of one message keep this distance. */
export const frameDistanceMs = 1_300;
/** Slack ends a stream after about five minutes, also a busy one; before that we go on by chat.update. */
export const streamLifetimeMs = 240_000;
/** A person who pressed Stop hears from us within two seconds, also when an agent does not. */
export const stopPatienceMs = 1_500;
