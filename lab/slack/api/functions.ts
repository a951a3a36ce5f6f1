import { validateMessage } from '../block-kit/message.ts';
import { validateView } from '../block-kit/view.ts';
import { isRefused } from '../block-kit/violation.ts';
import { isArray, isObject, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { FunctionRun } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import { type Method, required } from './method.ts';

function finish(lab: Lab, executionId: string, change: Partial<FunctionRun>): void {
  const run = lab.state.functionRuns.get(executionId);
  if (run === undefined) throw new SlackError('function_execution_not_found');
  if (run.outcome !== 'running') throw new SlackError('function_execution_not_in_progress');
  lab.state.functionRuns.set(executionId, { ...run, ...change });
  lab.state.changed();
}

export const functionsMethods: Readonly<Record<string, Method>> = {
  'functions.completeSuccess': {
    run(lab, args) {
      const outputs = isObject(args['outputs']) ? args['outputs'] : {};
      finish(lab, required(args, 'function_execution_id'), { outcome: 'completed', outputs });
      return {};
    },
  },

  'functions.completeError': {
    run(lab, args) {
      const error = stringOf(args['error']) ?? '';
      finish(lab, required(args, 'function_execution_id'), { outcome: 'failed', error });
      return {};
    },
  },

  'blocks.validate': {
    run(_lab, args) {
      const given = ['blocks', 'message', 'view'].filter((name) => args[name] !== undefined);
      if (given.length !== 1) throw new SlackError('invalid_arguments');
      const [name = ''] = given;
      const value = args[name];
      const payload = name === 'blocks' ? { blocks: value, text: ' ' } : value;
      if (!isObject(payload) || (name === 'blocks' && !isArray(value))) throw new SlackError('invalid_arguments');
      const violations = name === 'view' ? validateView(payload) : validateMessage(payload);
      if (!isRefused(violations)) return {};
      const errors = violations
        .filter((violation) => violation.severity === 'refused')
        .map(({ path, message }) => ({ pointer: path, code: 'failed_constraint', message }));
      throw new SlackError(`invalid_${name}`, { errors });
    },
  },
};
