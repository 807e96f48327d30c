export const $ = id => document.getElementById(id);

/** An element with a text or children, and attributes. Never from HTML: client ids are anyone's words. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child != null).map(child => child instanceof Node ? child : String(child)));
  return element;
}

/** Sets the width of a bar: style attributes would need a laxer security policy. */
export function width(element, percent, property = 'width') {
  element.style[property] = Math.max(0, Math.min(100, percent || 0)) + '%';
  return element;
}

export const rate = value => value == null || Number.isNaN(value) ? '–' : value >= 100 ? value.toFixed(0) : value.toFixed(1);

/** At most one decimal, and none that says nothing. */
export const short = value => String(+value.toFixed(Math.abs(value) < 10 ? 1 : 0));

export function micros(value) {
  if (value == null) return '–';
  return value < 1000 ? short(value) + ' µs' : value < 1e6 ? short(value / 1000) + ' ms' : short(value / 1e6) + ' s';
}

export function since(millis, now) {
  const seconds = Math.max(0, Math.round((now - millis) / 1000));
  if (seconds < 90) return seconds + ' s';
  return seconds < 5400 ? Math.round(seconds / 60) + ' min' : Math.round(seconds / 3600) + ' h';
}

export function period(millis) {
  for (const [unit, size] of [['d', 86400000], ['h', 3600000], ['min', 60000], ['s', 1000]]) {
    if (millis % size === 0) return (millis === size ? '' : millis / size + ' ') + unit;
  }
  return millis + ' ms';
}

/** Rows by key, kept where they are: a control that has the focus keeps it. */
export function keep(parent, entries, make, update) {
  const known = new Map([...parent.children].filter(row => row.dataset.key != null).map(row => [row.dataset.key, row]));
  [...parent.children].filter(row => row.dataset.key == null).forEach(row => row.remove());
  for (const entry of entries) {
    let row = known.get(entry.key);
    if (!row) {
      row = make(entry);
      row.dataset.key = entry.key;
      parent.append(row);
    }
    known.delete(entry.key);
    update(row, entry);
  }
  known.forEach(row => row.remove());
}

/** Says in an element that something went wrong. */
export function failed(element, e) {
  element.classList.add('bad');
  element.textContent = e instanceof TypeError ? 'This instance does not answer.' : e.message; // So fetch names it.
}

/** Does something, and says in an element what came of it. */
export async function said(element, work, words, then = () => {}) {
  element.classList.remove('bad');
  try {
    await work();
    element.textContent = words;
    await then();
  } catch (e) {
    failed(element, e);
  }
}
