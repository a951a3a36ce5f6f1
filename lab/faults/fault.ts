import type { ReplicaSettings } from '../mariadb/replicate.ts';
import type { LabServer } from '../mariadb/server.ts';
import type { Place, TargetEntry } from '../mariadb/target.ts';

/** A way to break a server, or a healthy control. One file a fault; `registry.ts` lists them. */
export type Fault = {
  readonly id: string;
  /** What is broken, for people who choose from a list. */
  readonly title: string;
  /** What a tired person would ask. */
  readonly question: string;
  /** Agents to ask; every agent when absent. */
  readonly agents?: readonly string[];
  /** Further flags of `dbcheck check`, for parameters of these agents. */
  readonly flags?: readonly string[];
  /** A control: nothing is wrong, and any warning or critical is a false alarm. */
  readonly healthy?: true;
  /** How long ago the fault must have begun before it counts as one; `inject` waits for it, in real seconds. */
  readonly ageSeconds?: number;
  readonly primary?: ServerSettings;
  /** A replica per entry. */
  readonly replicas?: readonly ReplicaSettings[];
  /** Which server the question is about; the primary when absent. */
  readonly about?: 'primary' | 'replica';
  /** Breaks the world and returns when the server itself shows the fault. */
  inject(world: World): Promise<Injection>;
};

export type ServerSettings = {
  /** Server options beside those of a well-kept production server, which every world starts with. */
  readonly args?: readonly string[];
  readonly port?: boolean;
};

type Injection = {
  /** Proves with SQL or a log that the fault is there at this moment and says what it saw; throws otherwise. */
  gate(): Promise<string>;
  /** Takes the fault away again; the server goes on. */
  undo(): Promise<void>;
  readonly expect: Expectation;
};

/** The servers of one fault and what was opened on them. */
export type World = {
  readonly primary: LabServer;
  readonly replicas: readonly LabServer[];
  /** The `targets:` of dbcheck.yml, primary first. */
  readonly targets: readonly TargetEntry[];
  /** The name of the target that the question is about. */
  readonly about: string;
  /** Replaces what dbcheck is told about a server. */
  retarget(server: LabServer, overrides: Partial<TargetEntry>, hidden?: readonly Place[]): void;
  /** Runs at `stop`, while the servers end; for what is not a connection, such as a client that retries. */
  onStop(work: () => Promise<void> | void): void;
  /** Closes the lab's own connections, so that the servers show the fault and nothing else. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
};

/** What a true report says. Findings are judged by code and, where given, by subject and facts. */
export type Expectation = {
  readonly required: readonly ExpectedFinding[];
  /** The first root cause: one of these codes, about this subject where one is given. */
  readonly rootCause?: { readonly codes: readonly string[]; readonly subject?: string };
  /** What must not be found: every finding that fits all the given fields is a lie. */
  readonly absent?: readonly { readonly code?: string; readonly subject?: string }[];
  /** Codes of findings that must name what they are caused by. */
  readonly effects?: readonly string[];
  readonly coverage?: readonly ExpectedGap[];
  /** Codes of other warnings that would be right here: neither asked for nor held against the report. */
  readonly allowed?: readonly string[];
  /** Verdicts that are right; any when absent. */
  readonly verdict?: readonly Verdict[];
  /** What a reader of the score should know. */
  readonly notes?: string;
};

/** One right value, or several of which each is right. */
export type OneOf = string | readonly string[];

export type ExpectedFinding = {
  readonly code: OneOf;
  readonly subject?: OneOf;
  /** Equal values, or a least value. */
  readonly facts?: Readonly<Record<string, string | number | boolean | { readonly atLeast: number }>>;
  /** It must stand among the root causes: nothing else in the world explains it. */
  readonly root?: true;
};

type ExpectedGap = {
  /** Any gap that names the fix when absent. */
  readonly code?: OneOf;
  /** A part of the statement or setting that would open the view. */
  readonly fix?: string;
};

type Verdict = 'healthy' | 'degraded' | 'critical' | 'unknown';

/** Keeps the literal types of a fault while checking it. */
export function defineFault(fault: Fault): Fault {
  return fault;
}
