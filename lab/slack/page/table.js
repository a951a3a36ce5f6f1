// Data tables: sorting and turning pages, which are the client's business in Slack too.

export function wakeTables(root) {
  for (const table of root.querySelectorAll('.data-table')) turnPage(table, 0);
}

function turnPage(table, by) {
  const size = Number(table.dataset.pageSize);
  const rows = [...table.querySelectorAll('tbody tr')];
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const page = Math.min(pages - 1, Math.max(0, Number(table.dataset.at ?? 0) + by));
  table.dataset.at = page;
  rows.forEach((row, index) => {
    row.hidden = index < page * size || index >= (page + 1) * size;
  });
  const label = table.querySelector('.pager span');
  if (label !== null) label.textContent = `${page + 1} of ${pages}`;
}

/** Whether the click was one that turns a page or sorts. */
export function sortOrTurn(table, target) {
  const turn = target.closest('[data-page]');
  if (turn !== null) {
    turnPage(table, Number(turn.dataset.page));
    return true;
  }
  const heading = target.closest('th[data-column]');
  if (heading === null) return false;
  const column = Number(heading.dataset.column);
  const isDown = heading.dataset.order === 'up';
  for (const other of table.querySelectorAll('th')) delete other.dataset.order;
  heading.dataset.order = isDown ? 'down' : 'up';
  const body = table.querySelector('tbody');
  const key = (row) => row.children[column]?.dataset.sort ?? '';
  const isNumber = heading.classList.contains('number');
  const rows = [...body.children].sort((one, other) =>
    isNumber ? Number(key(one)) - Number(key(other)) : key(one).localeCompare(key(other)),
  );
  body.append(...(isDown ? rows.reverse() : rows));
  turnPage(table, -Number(table.dataset.at));
  return true;
}
