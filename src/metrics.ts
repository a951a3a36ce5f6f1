import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * What this process tells Prometheus. Labels hold names of agents, probes, methods and outcomes, never of targets'
 * objects, people or statements, so that their number stays bounded.
 */
export const registry = new Registry();
const registers = [registry];

/** Seconds: from a click that is felt as instant to the longest run. */
const buckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45];

export const metrics = {
  turns: new Counter({
    name: 'dbcheck_turns_total',
    help: 'Questions answered, by kind of answer and verdict',
    labelNames: ['kind', 'verdict'],
    registers,
  }),
  turnSeconds: new Histogram({ name: 'dbcheck_turn_seconds', help: 'From question to report', buckets, registers }),
  turnsOpen: new Gauge({
    name: 'dbcheck_turns_open',
    help: 'Questions that are worked on or wait',
    labelNames: ['state'],
    registers,
  }),
  agents: new Counter({
    name: 'dbcheck_agent_runs_total',
    help: 'Runs of agents by how they ended',
    labelNames: ['agent', 'status'],
    registers,
  }),
  agentSeconds: new Histogram({
    name: 'dbcheck_agent_seconds',
    help: 'Time of one run of an agent',
    labelNames: ['agent'],
    buckets,
    registers,
  }),
  probes: new Counter({
    name: 'dbcheck_probes_total',
    help: 'Probes taken, by whether they could look',
    labelNames: ['probe', 'outcome'],
    registers,
  }),
  probeSeconds: new Histogram({
    name: 'dbcheck_probe_seconds',
    help: 'Time of one probe, sampling window included',
    labelNames: ['probe'],
    buckets,
    registers,
  }),
  samples: new Counter({
    name: 'dbcheck_history_samples_total',
    help: 'Attempts to sample a server for the history, by how they went',
    labelNames: ['result'],
    registers,
  }),
  alerts: new Counter({
    name: 'dbcheck_alerts_total',
    help: 'Alerts that came in, and requests that were refused, by result',
    labelNames: ['result'],
    registers,
  }),
  scheduledChecks: new Counter({
    name: 'dbcheck_scheduled_checks_total',
    help: 'Due times of schedules by what came of them',
    labelNames: ['result'],
    registers,
  }),
  modelCalls: new Counter({
    name: 'dbcheck_model_calls_total',
    help: 'Calls of the model by outcome',
    labelNames: ['outcome'],
    registers,
  }),
  modelTokens: new Counter({
    name: 'dbcheck_model_tokens_total',
    help: 'Tokens sent to and received from the model',
    labelNames: ['direction'],
    registers,
  }),
  modelCostUsd: new Counter({ name: 'dbcheck_model_cost_usd_total', help: 'Cost by the price table', registers }),
  slackCalls: new Counter({
    name: 'dbcheck_slack_calls_total',
    help: 'Calls of the Web API by method and outcome',
    labelNames: ['method', 'outcome'],
    registers,
  }),
  slackSeconds: new Histogram({
    name: 'dbcheck_slack_call_seconds',
    help: 'Time of one call of the Web API, retries included',
    labelNames: ['method'],
    buckets,
    registers,
  }),
  storeSeconds: new Histogram({
    name: 'dbcheck_store_seconds',
    help: 'Time of one call of the store',
    labelNames: ['operation'],
    buckets: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
    registers,
  }),
  storeFailures: new Counter({
    name: 'dbcheck_store_failures_total',
    help: 'Calls of the store that failed',
    labelNames: ['operation'],
    registers,
  }),
} as const;

/** Memory, garbage collection and the event loop's lag of this process; once, when it starts to serve them. */
export function collectProcessMetrics(): void {
  if (registry.getSingleMetric('nodejs_eventloop_lag_seconds')) return;
  collectDefaultMetrics({ register: registry });
}
