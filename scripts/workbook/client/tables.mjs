/** Sorting, filtering and opening rows of tables. */

/** Hides the rows that do not hold what was typed. */
export function filterTable(input) {
  const wanted = input.value.trim().toLowerCase();
  const table = input.parentElement.querySelector('table');
  const tree = table.getAttribute('role') === 'treegrid';
  for (const row of table.tBodies[0].rows) {
    row.classList.toggle(
      'filtered',
      wanted !== '' && !(tree && row.hasAttribute('aria-expanded')) && !row.textContent.toLowerCase().includes(wanted),
    );
  }
}

/** Sorts by the column of a header button; a second time the other way. */
export function sortTable(button) {
  const header = button.closest('th');
  const table = header.closest('table');
  const column = Number(button.dataset.column);
  const descending = header.getAttribute('aria-sort') === 'ascending';
  for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
  header.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
  const body = table.tBodies[0];
  const key = (row) => {
    const cell = row.cells[column];
    return cell.dataset.type === 'n' ? Number(cell.dataset.key) : cell.dataset.key;
  };
  const compare = (a, b) => {
    const [x, y] = [key(a[0]), key(b[0])];
    const order = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === 'number' ? -1 : 1;
    return descending ? -order : order;
  };
  body.append(...sortFamily([...body.rows], 0, compare).flat(Infinity));
}

/** Rows with their descendants behind them, each level sorted within its parent. */
function sortFamily(rows, depth, compare) {
  const families = [];
  for (const row of rows) {
    if (Number(row.dataset.depth ?? 0) <= depth || families.length === 0) families.push([row]);
    else families.at(-1).push(row);
  }
  families.sort(compare);
  return families.map(([head, ...rest]) =>
    rest.length === 0 ? [head] : [head, ...sortFamily(rest, depth + 1, compare)],
  );
}

/** Opens or closes what is below a row. */
export function toggleRow(row) {
  const open = row.getAttribute('aria-expanded') !== 'true';
  row.setAttribute('aria-expanded', String(open));
  const depth = Number(row.dataset.depth);
  let closedBelow = Infinity;
  for (let next = row.nextElementSibling; next && Number(next.dataset.depth) > depth; next = next.nextElementSibling) {
    const own = Number(next.dataset.depth);
    if (own <= closedBelow) closedBelow = Infinity;
    next.hidden = !open || own > closedBelow;
    if (next.getAttribute('aria-expanded') === 'false') closedBelow = Math.min(closedBelow, own);
  }
}

/** Marks parents whose rows were sent open. */
export function openShownParents(page) {
  for (const row of page.querySelectorAll('tr[aria-expanded=false]')) {
    const next = row.nextElementSibling;
    if (next && Number(next.dataset.depth) > Number(row.dataset.depth) && !next.hidden)
      row.setAttribute('aria-expanded', 'true');
  }
}
