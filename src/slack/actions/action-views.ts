import type { Button, KnownBlock, ModalView } from '@slack/types';
import { nameOfKill, needsSecondPerson } from '../../actions/action.ts';
import type { Approval } from '../../actions/approval.ts';
import type { Sighting } from '../../actions/executor.ts';
import { inWords } from '../../judgements/statement.ts';
import { accountOf } from '../../probes/processlist.ts';
import { button, buttons, footnote, paragraph, preformatted, words } from '../posting/blocks.ts';
import { clamp, escapeText } from '../posting/escape.ts';
import { limits } from '../posting/limits.ts';
import type { SlackMessage } from '../posting/posting.ts';

export const approvalIds = {
  act: 'dbcheck:act',
  approve: 'dbcheck:approve',
  decline: 'dbcheck:decline',
} as const;

interface Tagged {
  readonly tags: readonly string[];
}

const shownStatementCharacters = 600;

/** `connection 6 (app@10.2.3.4) on orders-prod`. */
export function objectOf({ kill, target }: Approval): string {
  const what = kill.kind === 'query' ? `query of thread ${kill.thread}` : `connection ${kill.thread}`;
  return `${what} (${accountOf(kill)}) on ${target}`;
}

export function clockTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}

/** What a finding justifies to do, with the button for it. */
export function offerMessage(id: string, approval: Approval, target: Tagged): SlackMessage {
  const second = needsSecondPerson(target)
    ? `, and a second person confirms, for ${approval.target} is tagged prod`
    : '';
  const text = `Can be done from here: kill ${objectOf(approval)}, because of "${approval.finding.title}".`;
  const how = `The button shows first what would happen${second}. Valid until ${clockTime(approval.expiresAtMs)}.`;
  return spoken(text, [paragraph(words(text)), buttons(killButton(id, approval)), footnote(how)]);
}

function killButton(id: string, { kill, target }: Approval): Button {
  const label = `${nameOfKill(kill)} (${accountOf(kill)}) on ${target}`;
  return {
    ...button(approvalIds.act, nameOfKill(kill), id, 'danger'),
    accessibility_label: clamp(label, limits.buttonText),
  };
}

/** The same messages once their buttons are over: words alone. */
export function closedMessage(text: string): SlackMessage {
  return spoken(text, [paragraph(words(text))]);
}

function spoken(text: string, blocks: readonly KnownBlock[]): SlackMessage {
  return { text: clamp(escapeText(text), limits.text), blocks };
}

/** Asks the second person; the first cannot be it. */
export function secondPersonMessage(id: string, approval: Approval, sighting: Sighting): SlackMessage {
  const { kill, target, first } = approval;
  const text = `${first?.name ?? 'Somebody'} wants to kill ${objectOf(approval)}. ${target} is tagged prod: a second person confirms, until ${clockTime(approval.expiresAtMs)}.`;
  const confirm: Button = {
    ...button(approvalIds.approve, `Confirm: ${lowerFirst(nameOfKill(kill))}`, id, 'danger'),
    confirm: {
      title: { type: 'plain_text', text: `${nameOfKill(kill)}?` },
      text: { type: 'plain_text', text: clamp(consequence(approval, sighting), 300) },
      confirm: { type: 'plain_text', text: 'Confirm' },
      deny: { type: 'plain_text', text: 'Not yet' },
      style: 'danger',
    },
  };
  return spoken(text, [
    paragraph(words(text)),
    ...sightingBlocks(approval, sighting),
    buttons(confirm, button(approvalIds.decline, `Decline: leave thread ${kill.thread} alone`, id)),
  ]);
}

/** The modal behind the button, as long as the server has not answered: nothing can be submitted yet. */
export function lookingView(id: string, approval: Approval): ModalView {
  return modal(id, approval, [paragraph(words(`Looking at thread ${approval.kill.thread} on ${approval.target}…`))]);
}

/** Where nothing can be done any more: why, and no way to submit. */
export function refusedView(id: string, approval: Approval, why: string): ModalView {
  return modal(id, approval, [paragraph(words(why))]);
}

/** Repeats what is about to be ended, as it is just now, and says what will happen. */
export function confirmView(id: string, approval: Approval, sighting: Sighting, target: Tagged): ModalView {
  const isProd = needsSecondPerson(target);
  const doubt = approval.finding.isSure
    ? []
    : [paragraph(words('That this session is the cause is inferred, not seen: the instrument that shows it is off.'))];
  const second = isProd
    ? [
        paragraph(
          words(`${approval.target} is tagged prod: nothing happens until a second person confirms in the thread.`),
        ),
      ]
    : [];
  const view = modal(id, approval, [
    fact('Target', `${approval.target}${target.tags.length > 0 ? ` (${target.tags.join(', ')})` : ''}`),
    ...sightingBlocks(approval, sighting),
    fact('What will happen', consequence(approval, sighting)),
    ...second,
    ...doubt,
    footnote(
      `Because of: ${approval.finding.title}. Valid until ${clockTime(approval.expiresAtMs)}; checked once more when you submit.`,
    ),
  ]);
  const submit = isProd ? 'Ask a second person' : `Kill ${approval.kill.kind}`;
  return { ...view, submit: { type: 'plain_text', text: submit } };
}

/** What a modal keeps besides the key: a modal stands nowhere, and its refusal is told where it came from. */
function metadataOf(id: string, { channel, threadTs }: Approval): string {
  return [id, channel, threadTs].join(' ');
}

export function readMetadata(text: string): {
  readonly id: string;
  readonly channel: string;
  readonly threadTs: string;
} {
  const [id = '', channel = '', threadTs = ''] = text.split(' ');
  return { id, channel, threadTs };
}

function modal(id: string, approval: Approval, blocks: KnownBlock[]): ModalView {
  const { kill } = approval;
  return {
    type: 'modal',
    callback_id: approvalIds.act,
    private_metadata: metadataOf(id, approval),
    title: { type: 'plain_text', text: `Kill ${kill.kind}?` },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks,
  };
}

function sightingBlocks({ kill }: Approval, sighting: Sighting): KnownBlock[] {
  const { statement, command, seconds, rowsModified, transactionSeconds } = sighting;
  const doing =
    command === 'Sleep' ? `idle for ${inWords(seconds)}` : `${command.toLowerCase()}, running for ${inWords(seconds)}`;
  const open =
    transactionSeconds === undefined ? '' : `, in a transaction that is open for ${inWords(transactionSeconds)}`;
  return [
    fact('Thread', `${kill.thread}, ${doing}${open}`),
    fact('User', accountOf(sighting)),
    fact('Statement', statement === undefined ? 'none is running' : 'literals are left out'),
    ...(statement === undefined ? [] : [preformatted(clamp(statement, shownStatementCharacters))]),
    fact('Rows to roll back', String(rowsModified)),
  ];
}

function fact(name: string, value: string): KnownBlock {
  return paragraph(words(`${name}: `, { bold: true }), words(value));
}

/** What will happen, with the numbers of just now. */
function consequence({ kill }: Approval, { rowsModified, transactionSeconds }: Sighting): string {
  const rows = `${rowsModified} ${rowsModified === 1 ? 'row' : 'rows'}`;
  if (kill.kind === 'query') {
    const open =
      transactionSeconds === undefined ? '' : ' Its transaction stays open, with the locks of earlier statements.';
    return `The server stops this statement and undoes what it changed, ${rows} at most. The connection stays; the application sees error 1317.${open}`;
  }
  const undone =
    transactionSeconds === undefined ? 'nothing is rolled back' : `its open transaction is rolled back (${rows})`;
  return `The server ends connection ${kill.thread}: ${undone}. The application sees a lost connection. There is no way back.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
