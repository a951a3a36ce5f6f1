import type { Violation } from './block-kit/violation.ts';
import type { Outbox } from './delivery/outbox.ts';
import type { Settings } from './options.ts';
import type { State } from './state.ts';
import type { Traffic } from './traffic.ts';
import type { TroubleRules } from './trouble.ts';

/** The parts of a running workspace, as its own modules see it. */
export interface Lab {
  readonly settings: Settings;
  readonly state: State;
  readonly traffic: Traffic;
  readonly trouble: TroubleRules;
  readonly outbox: Outbox;
  /** `http://127.0.0.1:port`, known once the server listens. */
  readonly origin: string;
  /** A single-use WebSocket address. */
  newSocketAddress(): string;
  /** Open Socket Mode connections. */
  connections(): number;
  /** Where signed requests go; undefined in Socket Mode. */
  requestUrl(): string | undefined;
  revoke(token: string): void;
  isRevoked(token: string): boolean;
  /** Writes down what the validator said outside a Web API call: of an acknowledgement's message or view. */
  recordViolations(origin: 'ack', violations: readonly Violation[]): void;
}
