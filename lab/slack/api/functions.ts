import { validateMessage } from '../block-kit/message.ts';
import { validateView } from '../block-kit/view.ts';
import { isRefused } from '../block-kit/violation.ts';
import { isArray, isObject, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { FunctionRun, JsonObject } from '../nouns.ts';
import { wrongParameters } from '../parameters.ts';
import { SlackError } from '../slack-error.ts';
import { type Method, required } from './method.ts';

function finish(lab: Lab, executionId: string, change: Partial<FunctionRun>): void {
  const run = lab.state.functionRuns.get(executionId);
  if (run === undefined) throw new SlackError('function_execution_not_found');
  if (run.outcome !== 'running') throw new SlackError('execution_not_in_running_state');
  lab.state.functionRuns.set(executionId, { ...run, ...change });
  lab.state.changed();
}

/** Refuses as Slack does what the manifest does not declare. */
function checkOutputs(lab: Lab, executionId: string, outputs: JsonObject): void {
  const declared = lab.settings.functions?.[lab.state.functionRuns.get(executionId)?.callbackId ?? ''];
  if (declared === undefined) return;
  const wrong = wrongParameters(declared.output_parameters, outputs);
  if (wrong.length > 0) throw new SlackError('parameter_validation_failed', { errors: wrong });
}

export const functionsMethods: Readonly<Record<string, Method>> = {
  'functions.completeSuccess': {
    run(lab, args) {
      const outputs = isObject(args['outputs']) ? args['outputs'] : {};
      const executionId = required(args, 'function_execution_id');
      checkOutputs(lab, executionId, outputs);
      finish(lab, executionId, { outcome: 'completed', outputs });
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
