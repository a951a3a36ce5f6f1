import { type Html, html, trusted } from './html.ts';

/** Line drawings on a 16 by 16 grid: not every machine has a font with emoji. */
const paths = {
  lock: '<rect x="3" y="7" width="10" height="7" rx="1.5"/><path d="M5 7V5a3 3 0 0 1 6 0v2"/>',
  shared: '<rect x="2" y="2" width="8" height="8" rx="1.5"/><rect x="6" y="6" width="8" height="8" rx="1.5"/>',
  thread: '<path d="M2.5 3h11v8h-6l-3 2.5V11h-2z"/>',
  bolt: '<path d="M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z"/>',
  up: '<path d="M5 14V7l3-5.5c1.2 0 1.7 1 1.4 2L9 6h4.2l-1 7.2c-.1.5-.5.8-1 .8zM5 7H2.5v7H5"/>',
  down: '<path d="M11 2v7l-3 5.5c-1.2 0-1.7-1-1.4-2L7 10H2.8l1-7.2c.1-.5.5-.8 1-.8zM11 9h2.5V2H11"/>',
  eye: '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="2"/>',
  file: '<path d="M4 1.5h5l3 3v10H4zM9 1.5v3h3"/>',
  server:
    '<ellipse cx="8" cy="3.5" rx="5" ry="2"/><path d="M3 3.5v9c0 1.1 2.2 2 5 2s5-.9 5-2v-9M3 8c0 1.1 2.2 2 5 2s5-.9 5-2"/>',
} as const;

export type IconName = keyof typeof paths;

export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${trusted(paths[name])}</svg>`;
}
