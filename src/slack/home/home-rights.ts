import type { KnownBlock } from '@slack/types';
import type { Permissions } from '../../actions/access.ts';
import { type Right, rights } from '../../actions/access-settings.ts';
import { needsSecondPerson } from '../../actions/action.ts';
import type { SwitchState } from '../../actions/switch.ts';
import { durationInWords } from '../../report/units.ts';
import { button, buttons, footnote, heading, paragraph, words } from '../posting/blocks.ts';

export const switchActionIds = { stop: 'dbcheck:stop_actions', allow: 'dbcheck:allow_actions' } as const;

export interface RightsInput {
  readonly permissions: Permissions;
  readonly targets: readonly {
    readonly name: string;
    readonly tags: readonly string[];
    readonly hasActionAccount: boolean;
  }[];
  readonly isAdministrator: boolean;
  readonly actionSwitch: SwitchState | undefined;
  readonly nowMs: number;
}

const shownNames = 20;
const deeds: Readonly<Record<Right, string>> = {
  ask: 'Ask about',
  fleet: 'Ask about several at once',
  inspect: 'Have read-only statements run on',
  schedule: 'Schedule checks of',
  act: 'Kill a query or a connection, after a confirmation, on',
};

/** "What I may do" of the home page, and for administrators the switch that stops all actions. */
export function rightsBlocks(input: RightsInput): KnownBlock[] {
  const { permissions, targets } = input;
  const lines = rights.flatMap((right) => {
    const fit = targets.filter(
      ({ name, hasActionAccount }) => permissions.may(right, name) && (right !== 'act' || hasActionAccount),
    );
    return fit.length > 0 ? [`${deeds[right]}: ${listed(fit.map(nameFor(right)), targets.length)}`] : [];
  });
  const mayAct = lines.some((line) => line.startsWith(deeds.act));
  return [
    heading('What you may do'),
    paragraph(words((lines.length > 0 ? lines : ['Nothing: no access rule names you.']).join('\n'))),
    footnote(
      `In channels that dbcheck was invited to and in direct messages, where the rules of the channel allow it too.${mayAct ? '' : ' You may not change anything on a server.'}`,
    ),
    ...switchBlocks(input),
  ];
}

function nameFor(right: Right): (target: RightsInput['targets'][number]) => string {
  return (target) =>
    right === 'act' && needsSecondPerson(target) ? `${target.name} (a second person confirms)` : target.name;
}

function listed(names: readonly string[], of: number): string {
  if (names.length === of && of > shownNames) return `all ${of} targets`;
  const more = names.length - shownNames;
  return `${names.slice(0, shownNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function switchBlocks({ isAdministrator, actionSwitch, nowMs }: RightsInput): KnownBlock[] {
  const isStopped = actionSwitch?.isStopped ?? false;
  if (!isAdministrator && !isStopped) return [];
  const age = actionSwitch ? `, ${durationInWords(Math.max(0, (nowMs - actionSwitch.atMs) / 1_000))} ago` : '';
  const state = isStopped
    ? `🛑 An administrator stopped all actions${age}: nothing is killed, whoever asks for it.`
    : 'Actions are possible where the rules allow them.';
  if (!isAdministrator) return [paragraph(words(state))];
  const turn = isStopped
    ? button(switchActionIds.allow, 'Allow actions again', 'allow')
    : {
        ...button(switchActionIds.stop, 'Stop all actions', 'stop', 'danger'),
        confirm: {
          title: { type: 'plain_text' as const, text: 'Stop all actions?' },
          text: {
            type: 'plain_text' as const,
            text: 'Nothing will be killed on any target until an administrator allows it again. Questions go on.',
          },
          confirm: { type: 'plain_text' as const, text: 'Stop them' },
          deny: { type: 'plain_text' as const, text: 'Cancel' },
          style: 'danger' as const,
        },
      };
  return [heading('Actions'), paragraph(words(state)), buttons(turn)];
}
