import { createAccess } from '../actions/access.ts';
import type { AccessSettings } from '../actions/access-settings.ts';
import type { ActionSettings } from '../actions/action.ts';
import { createAudit } from '../actions/audit.ts';
import type { Executor } from '../actions/executor.ts';
import { createActionSwitch } from '../actions/switch.ts';
import type { AlertSettings } from '../alerts/alert-settings.ts';
import type { RoutedTarget } from '../alerts/where.ts';
import type { ConversationStore } from '../conversation/conversation.ts';
import type { Log } from '../log.ts';
import type { Orchestrator } from '../orchestrator/question.ts';
import type { SummarySettings } from '../schedules/summary-settings.ts';
import { startPresence } from '../store/presence.ts';
import type { Store } from '../store/store.ts';
import type { Target } from '../targets/target.ts';
import type { WatchSettings } from '../watch/watch-settings.ts';
import { type AlertDesk, createAlertDesk } from './alerts/alert-desk.ts';
import { CarefulApp } from './careful-app.ts';
import { withCommandHelp } from './commands/help.ts';
import type { Subcommand } from './commands/subcommand.ts';
import { summaryCommand } from './commands/summary.ts';
import { verbosityCommand } from './commands/verbosity.ts';
import { createDirectory } from './directory.ts';
import { registerActions } from './listeners/actions.ts';
import { registerApprovals } from './listeners/approvals.ts';
import { registerCommand } from './listeners/command.ts';
import { registerFeedback } from './listeners/feedback.ts';
import { registerHome } from './listeners/home.ts';
import { takeMessage } from './listeners/messages.ts';
import { registerSchedules } from './listeners/schedules.ts';
import { registerSharing } from './listeners/sharing.ts';
import { registerShortcuts } from './listeners/shortcuts.ts';
import { registerSuggestions } from './listeners/suggestions.ts';
import { registerTargetPicker } from './listeners/target-picker.ts';
import { registerWorkflowStep } from './listeners/workflow-step.ts';
import { asSlackLogger } from './logger.ts';
import { MeasuredClient } from './posting/measured-client.ts';
import { httpTransport, socketTransport } from './receivers.ts';
import { scheduleCommand } from './schedules/schedule-command.ts';
import { createScheduleDesk } from './schedules/schedule-desk.ts';
import { createShareDesk } from './sharing/share-desk.ts';
import { createStepDesk } from './steps/step-desk.ts';
import { createSummaryDesk } from './summary/summary-desk.ts';
import { createDesk } from './turns/desk.ts';
import { startRecovery } from './turns/recovery.ts';
import { createWatchDesk } from './watch/watch-desk.ts';

export interface SlackSettings {
  readonly botToken: string;
  /** Socket Mode … */
  readonly appToken: string | undefined;
  /** … or signed HTTP on a port. */
  readonly signingSecret: string | undefined;
  /** Takes signed requests; 0 takes a free port. Not used in Socket Mode. */
  readonly port: number | undefined;
  /** Socket Mode connections; two by default. */
  readonly connections?: number;
  /** How long a stop lets running turns finish; they are told to end after it. */
  readonly finishMs?: number;
  /** The address that HTTP listens on; all of the machine by default. */
  readonly host?: string;
  /** Another Slack API root: GovSlack, or a local workspace. */
  readonly apiUrl: string | undefined;
}

export interface SlackAppParts {
  readonly orchestrator: Orchestrator;
  readonly conversations: ConversationStore;
  readonly targets: readonly (Pick<Target, 'name' | 'tags' | 'hasActionAccount'> & RoutedTarget)[];
  readonly store: Store;
  /** Who may do what, as the configuration says it at the time. */
  readonly access: () => AccessSettings;
  readonly alertSettings: () => AlertSettings;
  readonly summarySettings: () => SummarySettings;
  readonly watchSettings: () => WatchSettings;
  /** How long people have to approve. */
  readonly actionSettings: () => ActionSettings;
  readonly executor: Executor;
  /** Milliseconds since 1970; tests give their own. */
  readonly now?: () => number;
  readonly log: Log;
}

export interface SlackApp {
  /** How it listens, in words. */
  readonly transport: string;
  /** The port that HTTP listens on; undefined in Socket Mode. */
  readonly port: number | undefined;
  /** Stores alerts and tells them. Rejects where they cannot be stored. */
  readonly takeAlerts: AlertDesk['take'];
  /** Whether events can arrive just now. */
  isConnected(): boolean;
  /** Stops taking questions, tells the threads of running ones, and closes the connection within a few seconds. */
  stop(): Promise<void>;
}

/** Two, because Slack refreshes each every few hours and what is said meanwhile would be lost. */
const defaultConnections = 2;
const defaultPort = 3_000;
/** A container is killed ten seconds after it was asked to stop; the rest is for last words. */
const defaultFinishMs = 5_000;

/** How long an HTTP connection that Slack keeps open may delay the end. */
const closeGraceMs = 300;

/**
 * Connects to Slack and answers questions. Rejects where the token or the address is wrong.
 * Who we are is asked before anything is listened to, so that acknowledging an event never waits for the Web API.
 */
export async function startSlackApp(settings: SlackSettings, parts: SlackAppParts): Promise<SlackApp> {
  const logger = asSlackLogger(parts.log);
  const clientOptions = {
    ...(settings.apiUrl === undefined ? {} : { slackApiUrl: settings.apiUrl }),
    retryConfig: { retries: 4, minTimeout: 300, maxTimeout: 5_000 },
    timeout: 15_000,
    logger,
  };
  const client = new MeasuredClient(settings.botToken, clientOptions);
  // A 429 stops everything that a client has queued, so what may be dropped has a client of its own that does not wait.
  const eagerOptions = { ...clientOptions, retryConfig: { retries: 1, minTimeout: 300 }, rejectRateLimitedCalls: true };
  const eagerClient = new MeasuredClient(settings.botToken, eagerOptions);
  const who = await client.auth.test();
  const botUserId = String(who.user_id);
  const { appToken, signingSecret, port, host, connections = defaultConnections } = settings;
  const transport =
    appToken === undefined
      ? httpTransport({ signingSecret: signingSecret as string, port: port ?? defaultPort, host, logger })
      : socketTransport({ appToken, connections, clientOptions, logger });
  const app = new CarefulApp({
    token: settings.botToken,
    botId: String(who.bot_id),
    botUserId,
    receiver: transport.receiver,
    clientOptions,
    convoStore: false,
    // Our own messages are left alone further in; their envelopes tell which channels are shared with strangers.
    ignoreSelf: false,
    logger,
    deferInitialization: true,
  });
  await app.init();
  const presence = await startPresence(parts.store, parts.log);
  const access = createAccess({
    settings: parts.access,
    targets: () => parts.targets,
    directory: createDirectory(eagerClient, parts.log),
  });
  const audit = createAudit(parts.store);
  const actionSwitch = createActionSwitch(parts.store, parts.now);
  const orchestrator = withCommandHelp(parts.orchestrator, () => commands);
  const common = { access, actionSwitch, audit, client, eagerClient, botUserId, presence };
  const desk = createDesk({ ...parts, orchestrator, ...common });
  const schedules = createScheduleDesk(desk, parts.now);
  const sharing = createShareDesk(desk);
  const steps = createStepDesk(desk);
  const here = { targets: () => parts.targets, team: String(who.team_id), ...(parts.now ? { now: parts.now } : {}) };
  const weekly = { ...here, settings: parts.summarySettings };
  const summaries = createSummaryDesk(desk, weekly);
  const commands: readonly Subcommand[] = [
    scheduleCommand(schedules),
    verbosityCommand(desk),
    summaryCommand(desk, summaries, { now: Date.now, ...weekly }),
  ];
  app.beforeAcknowledgement = (body) => takeMessage(body, desk, commands);
  registerCommand(app, desk, commands);
  registerActions(app, desk);
  registerApprovals(app, desk);
  registerShortcuts(app, desk);
  registerSuggestions(app, desk);
  registerTargetPicker(app, desk);
  registerFeedback(app, desk);
  registerSharing(app, desk, sharing);
  registerWorkflowStep(app, desk, steps);
  registerSchedules(app, desk, schedules, registerHome(app, desk, schedules));
  app.error(async (error) => parts.log.error({ err: error }, 'a listener failed'));
  await app.start();
  const recovery = startRecovery({ desk, schedules, sharing, steps, summaries, commands });
  schedules.start();
  const alerts = createAlertDesk(desk, { ...here, settings: parts.alertSettings });
  alerts.start();
  const watch = createWatchDesk(desk, { ...here, settings: parts.watchSettings });
  watch.start();
  summaries.start();
  return {
    transport: transport.describe(),
    port: transport.port(),
    takeAlerts: alerts.take,
    isConnected: transport.isConnected,
    async stop() {
      await recovery.stop();
      await Promise.all([alerts.close(), watch.close(), summaries.close()]);
      const finishMs = settings.finishMs ?? defaultFinishMs;
      await Promise.all([schedules.close(finishMs), steps.close(finishMs), desk.close(finishMs)]);
      await presence.stop();
      const stopped = app.stop();
      const timer = setTimeout(transport.hangUp, closeGraceMs);
      await stopped;
      clearTimeout(timer);
    },
  };
}
