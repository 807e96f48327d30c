// The limits that were set at run time: shown to administrators, and changed where the server lets this page do so.
import {$, el, failed, keep, period, said} from './dom.js';
import {ask, one} from './session.js';

const MOST = 100; // of a list; the rest is for the admin resource itself
const MOST_REJECTED = 8;
let mayChange = false;

const clients = policy => 'admin/policies/' + encodeURIComponent(policy) + '/clients';

/** What was set for a client, in words. */
function numbers(row) {
  const words = [];
  if (row.weight != null) words.push('weight ' + row.weight);
  if (row.limit != null) words.push(row.limit + ' per ' + period(row.periodMillis));
  if (row.split != null) words.push('split ' + row.split.join('/'));
  if (row.plan != null) words.push('plan ' + row.plan);
  return words.join(', ') + (row.leftOut == null ? '' : ' (not in force: ' + row.leftOut + ')');
}

/** A row with a name, words, and what can be done: nothing where nothing can be changed. */
function row(name, ...actions) {
  const buttons = mayChange ? actions.map(([label, act]) => {
    const button = el('button', {type: 'button', class: 'quiet', 'aria-label': label + ' ' + name}, label);
    button.addEventListener('click', () => act(button.parentElement));
    return button;
  }) : [];
  return el('li', {}, el('b', {}, name), el('span', {}), ...buttons);
}

function show(list, entries, make, words, none) {
  if (entries.length === 0) {
    list.replaceChildren(el('li', {class: 'empty'}, none));
    return;
  }
  keep(list, entries, make, (element, entry) => {
    element.entry = entry;
    element.children[1].textContent = words(entry);
  });
}

function clientRow(entry) {
  const form = $('limits').elements;
  return row(entry.client,
    ['Edit', element => {
      form.client.value = entry.client;
      for (const name of ['weight', 'limit', 'periodMillis']) form[name].value = element.entry[name] ?? '';
      form.split.value = element.entry.split?.join(',') ?? '';
      form.weight.focus();
    }],
    ['Reset', () => reset(entry.policy, entry.client)]);
}

function bucketRow(entry) {
  return row(entry.id,
    ['Edit', element => {
      const form = $('bucket').elements;
      form.id.value = entry.id;
      form.rate.value = element.entry.rate;
      form.burst.value = element.entry.burst;
      form.rate.focus();
    }],
    ['Delete', () => said($('buckets-said'), () => ask('DELETE', one('admin/buckets', 'id', entry.id)), 'Deleted ' + entry.id + '.', refresh)]);
}

/** The clients that were rejected most often. */
async function showRejected(list) {
  const top = await ask('GET', 'admin/rejected?most=' + MOST_REJECTED);
  const rows = top.map(each => ({key: each.policy + ' ' + each.client, ...each}));
  show(list, rows, each => row(each.client), each => each.policy + ', ' + range(each), 'No client was rejected.');
  rows.forEach(each => list.append([...list.children].find(element => element.dataset.key === each.key)));
}

function range({count, atMostOver}) {
  return (atMostOver ? (count - atMostOver).toLocaleString('en') + ' to ' : '') + count.toLocaleString('en') + (count === 1 ? ' time' : ' times');
}

/** Loads a list. Where that fails, what was known stays, and a line says why nothing newer is. */
async function load(list, work) {
  try {
    await work(list);
  } catch (e) {
    failed(list.querySelector('.empty') ?? list.appendChild(el('li', {class: 'empty'})), e);
  }
}

async function showOverrides(list) {
  const select = $('limits').elements.policy;
  const policy = select.value;
  if (!policy) return;
  const answer = ask('GET', clients(policy) + '?most=' + MOST);
  await answer.catch(() => {});
  if (select.value !== policy) return; // Another was chosen meanwhile. A failure says nothing of that, either.
  const page = await answer;
  show(list, page.clients.map(each => ({key: policy + ' ' + each.client, ...each})), clientRow, numbers,
    'Nothing is set for a client under ' + policy + '.');
}

async function showBuckets(list) {
  const page = await ask('GET', 'admin/buckets?most=' + MOST);
  show(list, page.buckets.map(each => ({key: each.id, ...each})), bucketRow,
    each => each.rate + ' a second, at most ' + each.burst + ' at once', 'There is no bucket.');
}

const refreshOverrides = () => load($('overrides'), showOverrides);

/** Each list by itself: only some need the store. */
function refresh() {
  const rejected = $('rejected'); // A page that has them from all instances leaves this list out.
  return Promise.all([refreshOverrides(), load($('buckets'), showBuckets), rejected && load(rejected, showRejected)]);
}

/** What was set under another policy is not shown under the name of this one. */
function forgetOverrides() {
  $('overrides').replaceChildren(el('li', {class: 'empty'}, 'Loading'));
}

function reset(policy, client) {
  return said($('limits-said'), () => ask('DELETE', one(clients(policy), 'client', client)), client + ' has the numbers of ' + policy + ' again.', refresh);
}

function setLimits(event) {
  event.preventDefault();
  const form = event.target.elements;
  const body = {};
  for (const name of ['weight', 'limit', 'periodMillis']) if (form[name].value !== '') body[name] = Number(form[name].value);
  const split = form.split.value.trim();
  if (split) body.split = split.split(',').map(Number);
  if (Object.keys(body).length === 0) {
    said($('limits-said'), () => { throw new Error('Fill in a number to set.'); });
    return;
  }
  const [policy, client] = [form.policy.value, form.client.value];
  const words = Object.entries(body).map(([name, value]) => name.replace('Millis', ' in ms') + ' ' + value).join(', ');
  said($('limits-said'), () => ask('PUT', one(clients(policy), 'client', client), body), client + ' under ' + policy + ': ' + words + ', on all instances.', refresh);
}

function saveBucket(event) {
  event.preventDefault();
  const form = event.target.elements;
  const id = form.id.value;
  const numbers = {rate: Number(form.rate.value), burst: Number(form.burst.value)};
  const change = () => ask('PUT', one('admin/buckets', 'id', id), numbers);
  const isKnown = [...$('buckets').children].some(each => each.dataset.key === id);
  said($('buckets-said'), async () => {
    try {
      await (isKnown ? change() : ask('POST', 'admin/buckets', {id, ...numbers}));
    } catch (e) {
      if (e.status !== 409) throw e;
      await change(); // It came meanwhile, or is further down the list.
    }
  }, 'Saved ' + id + '.', refresh);
}

export function showPolicies(policies) {
  const select = $('limits').elements.policy;
  const names = policies.map(policy => policy.name);
  if (names.join() === [...select.options].map(option => option.value).join()) return;
  const chosen = select.value;
  select.replaceChildren(...names.map(name => el('option', {}, name)));
  if (names.includes(chosen)) select.value = chosen;
  else forgetOverrides();
}

/** Begins to show what the admin resource knows, if the server lets this page see it. */
export function start(found) {
  mayChange = found.admin === 'change';
  if (found.admin === 'none') return;
  showPolicies(found.policies);
  $('limits').elements.policy.addEventListener('change', () => {
    forgetOverrides();
    refreshOverrides();
  });
  $('limits').addEventListener('submit', setLimits);
  $('limits-reset').addEventListener('click', () => {
    const form = $('limits').elements;
    if (form.client.reportValidity()) reset(form.policy.value, form.client.value);
  });
  $('bucket').addEventListener('submit', saveBucket);
  refresh();
  setInterval(refresh, 5000);
}
