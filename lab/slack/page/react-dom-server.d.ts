/** The one function of react-dom that the page uses; the package ships no types of its own. */
declare module 'react-dom/server' {
  import type { ReactElement } from 'react';

  export function renderToStaticMarkup(element: ReactElement): string;
}
