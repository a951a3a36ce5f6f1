/** Markup that is safe to send. Only `html` and `trusted` make it, so that text cannot become markup by accident. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | undefined | false | readonly Html[];

function isList(part: Part): part is readonly Html[] {
  return Array.isArray(part);
}

function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

function markupOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return isList(part) ? part.map((one) => one.markup).join('') : part.markup;
}

/** A template whose values are escaped unless they are markup themselves. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: strings.reduce((text, string, index) => text + markupOf(parts[index - 1]) + string) };
}

/** Markup of another renderer that escapes by itself. */
export function trusted(markup: string): Html {
  return { markup };
}

export const nothing: Html = { markup: '' };
