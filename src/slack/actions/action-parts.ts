import type { WebClient } from '@slack/web-api';
import type { Access } from '../../actions/access.ts';
import type { ActionSettings } from '../../actions/action.ts';
import type { Approver } from '../../actions/approval.ts';
import type { Audit } from '../../actions/audit.ts';
import type { Executor } from '../../actions/executor.ts';
import type { ActionSwitch } from '../../actions/switch.ts';
import type { Log } from '../../log.ts';
import type { Orchestrator } from '../../orchestrator/question.ts';
import type { Presence } from '../../store/presence.ts';
import type { Store } from '../../store/store.ts';
import type { Target } from '../../targets/target.ts';
import type { SessionParts } from '../posting/session.ts';

export interface ActionDeskParts extends SessionParts {
  readonly client: WebClient;
  readonly store: Store;
  readonly presence: Presence;
  readonly access: Access;
  readonly actionSwitch: ActionSwitch;
  readonly audit: Audit;
  readonly executor: Executor;
  readonly orchestrator: Orchestrator;
  readonly targets: readonly Pick<Target, 'name' | 'tags' | 'hasActionAccount'>[];
  readonly actionSettings: () => ActionSettings;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Somebody who presses a button or submits a modal. What they send is not trusted. */
export interface Click {
  /** What the button or the modal carries: the key of an approval, if nobody forged it. */
  readonly key: string;
  readonly person: Approver;
  /** Of another organisation, in a channel that is shared with it. */
  readonly isStranger: boolean;
  readonly team: string;
  /** Where the button stood, and where the modal came from. */
  readonly place: { readonly channel: string; readonly threadTs: string };
}
