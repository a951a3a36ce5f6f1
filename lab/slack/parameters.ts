import type { JsonObject } from './nouns.ts';
import type { Functions } from './options.ts';

const forms: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  'slack#/types/channel_id': (value) => typeof value === 'string' && /^[CGD][A-Z0-9]+$/.test(value),
  'slack#/types/user_id': (value) => typeof value === 'string' && /^[UW][A-Z0-9]+$/.test(value),
};

/** What is missing, of another type, or not declared among the values of a step. */
export function wrongParameters(declared: Functions[string]['input_parameters'], given: JsonObject): string[] {
  const missing = Object.entries(declared)
    .filter(([name, { is_required: isRequired }]) => isRequired && given[name] === undefined)
    .map(([name]) => `missing parameter: ${name}`);
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    const parameter = declared[name];
    if (parameter === undefined) return [`undeclared parameter: ${name}`];
    return forms[parameter.type]?.(value) ? [] : [`${name} is no ${parameter.type}`];
  });
  return [...missing, ...wrong];
}
