// The controls of --demo, and what is known of single clients.
import {$, el, failed, keep, rate, said, short, width} from '../dom.js';
import {ask, one as pathOf, use} from '../session.js';
import {lines} from '../charts.js';
import {recent} from '../live.js';
import {downs} from '../panels.js';
import {maxMin} from './shares.js';

const COLOURS = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'];
let state = null;
let pools = null; // Not known yet.
let weights = null; // Nor these.
let poolChart = null;

const clients = policy => 'admin/policies/' + encodeURIComponent(policy) + '/clients';

async function turn(path, on) {
  state = await ask('PUT', path, {on});
  showState();
}

function showState() {
  $('redis-where').textContent = 'The instances share ' + state.store + '.';
  const button = $('redis');
  button.hidden = state.redisRuns == null;
  button.textContent = state.redisRuns ? 'Kill Redis' : 'Start Redis';
  button.className = state.redisRuns ? 'danger' : 'good';
  $('redis-hint').textContent = state.redisRuns == null ? ''
    : state.redisRuns ? 'Kill it: each instance goes on with its own share of every limit.'
    : 'Redis is away, and the limits hold all the same. Start it: they are shared again.';
}

/** How the demo is, and what the admin resource knows of weights; as it was, while the store is away. */
async function refresh() {
  state = await ask('GET', 'demo');
  showState();
  pools = await ask('GET', 'admin/pools');
  const next = new Map();
  for (const pool of pools) {
    for (const policy of pool.policies) {
      const page = await ask('GET', clients(policy));
      for (const row of page.clients) if (row.weight != null) next.set(policy + ' ' + row.client, row.weight);
    }
  }
  weights = next;
}

const asks = rates => (rates?.permitted ?? 0) + (rates?.rejected ?? 0);

function poolRow(entry) {
  const slider = el('input', {type: 'range', min: 1, max: 10, 'aria-label': 'Weight of ' + entry.client});
  const row = el('tr', {}, el('th', {scope: 'row'}, entry.client), el('td', {}, slider, el('output', {})), el('td', {class: 'num'}), el('td', {class: 'num'}), el('td', {class: 'num'}),
    el('td', {}, el('span', {class: 'track goal', 'aria-hidden': 'true'}, el('i'), el('u'))));
  slider.addEventListener('input', () => moved(slider));
  slider.addEventListener('change', () => {
    const weight = Number(slider.value);
    said($('pool-said'), () => weigh(entry, slider, weight), entry.client + ' has weight ' + weight + ' now.', refresh);
  });
  return row;
}

function moved(slider) {
  slider.nextSibling.textContent = ' ' + (slider.disabled ? '–' : slider.value);
}

const weightOf = key => weights && (weights.get(key) ?? 1);

/** Sets a weight. Where it is refused, the slider goes back to the one in force, unless it was moved on meanwhile. */
async function weigh(entry, slider, weight) {
  try {
    await ask('PUT', pathOf(clients(entry.policy), 'client', entry.client), {weight});
    weights.set(entry.key, weight);
  } catch (e) {
    if (Number(slider.value) === weight) slider.value = weightOf(entry.key);
    moved(slider);
    throw e;
  }
}

/** The first pool: what each client got of it, beside what it should have got of what it asked for. */
function showPool(one, history) {
  const pool = pools?.[0];
  if (pools) $('pool-card').hidden = !pool;
  if (!pool) return;
  const capacity = pool.limit * 1000 / pool.periodMillis;
  const rows = [...one.clients.values()].filter(row => pool.policies.includes(row.policy)).slice(0, COLOURS.length)
    .sort((a, b) => a.client.localeCompare(b.client))
    .map((row, i) => ({...row, colour: COLOURS[i], weight: weightOf(row.key)}));
  const shares = of => weights ? maxMin(capacity, rows.map((row, i) => ({weight: row.weight, demand: asks(of[i])}))) : rows.map(() => null);
  const mean = row => ({
    permitted: recent(history, frame => frame.clients.get(row.key)?.rates.permitted),
    rejected: recent(history, frame => frame.clients.get(row.key)?.rates.rejected),
  });
  const means = rows.map(mean);
  const idealNow = shares(means);
  rows.forEach((row, i) => Object.assign(row, means[i], {ideal: idealNow[i]}));
  $('pool-note').textContent = `${short(capacity)} permits a second for all. Dashed: each client's ideal share.`;
  keep($('pool').tBodies[0], rows, poolRow, (tr, row) => {
    const slider = tr.querySelector('input');
    slider.disabled = row.weight == null;
    if (document.activeElement !== slider) slider.value = row.weight ?? 1;
    moved(slider);
    tr.children[2].textContent = rate(asks(row));
    tr.children[3].textContent = rate(row.permitted);
    tr.children[4].textContent = rate(row.ideal);
    const [bar, mark] = tr.children[5].firstChild.children;
    tr.children[5].firstChild.style.setProperty('--bar', `var(${row.colour})`);
    width(bar, 100 * row.permitted / capacity);
    mark.hidden = row.ideal == null;
    width(mark, 100 * row.ideal / capacity, 'left');
  });
  if (history.length === 0 || rows.length === 0) return;
  poolChart ??= lines($('chart-pool'), [], {format: rate});
  poolChart.series(rows.flatMap(row => [
    {label: row.client, colour: row.colour}, {label: row.client + ', ideal', colour: row.colour, dashed: true, unnamed: true},
  ]));
  // Means of five seconds on both sides: what is asked for jumps from second to second.
  const smooth = history.map((frame, at) => rows.map(row => ({
    permitted: recent(history.slice(0, at + 1), each => each.clients.get(row.key)?.rates.permitted),
    rejected: recent(history.slice(0, at + 1), each => each.clients.get(row.key)?.rates.rejected),
  })));
  const ideal = smooth.map(shares);
  poolChart.show(history.map(frame => frame.at),
    rows.flatMap((row, i) => [smooth.map(each => each[i].permitted), ideal.map(each => each[i])]), downs(history),
    'Shares of the pool: ' + rows.map(row => `${row.client} gets ${rate(row.permitted)} a second, ideal ${rate(row.ideal)}`).join('; '));
}

function trafficRow(entry) {
  const on = entry.source && el('input', {type: 'checkbox', role: 'switch', class: 'switch', 'aria-label': entry.client + ' sends requests'});
  on?.addEventListener('change', async () => {
    try {
      await turn('demo/traffic/' + encodeURIComponent(entry.client), on.checked);
      $('traffic-said').textContent = '';
    } catch (e) {
      on.checked = !on.checked;
      failed($('traffic-said'), e);
    }
  });
  return el('tr', {class: entry.source ? null : 'own'}, el('td', {}, on), el('th', {scope: 'row'}, entry.client, el('small', {'aria-hidden': 'true'}, entry.policy)), el('td', {}, el('span', {class: 'manner'}, entry.source?.manner ?? 'you')), el('td', {}, entry.policy),
    el('td', {class: 'num'}), el('td', {class: 'num'}), el('td', {class: 'num'}), el('td', {}, el('span', {class: 'stack', 'aria-hidden': 'true'}, el('i'), el('i'), el('i'))));
}

/** The made-up clients, and any other that asked. */
function showTraffic(one, history) {
  const rows = new Map(state.traffic.map(source => [source.policy + ' ' + source.client, {source, client: source.client, policy: source.policy}]));
  one.clients.forEach((row, key) => { if (!rows.has(key)) rows.set(key, {client: row.client, policy: row.policy}); });
  keep($('traffic').tBodies[0], [...rows].map(([key, row]) => ({key, ...row})), trafficRow, (tr, row) => {
    const of = name => recent(history, frame => frame.clients.get(row.key)?.rates[name]);
    const [permitted, delayed, rejected] = ['permitted', 'delayed', 'rejected'].map(of);
    const on = tr.querySelector('input');
    if (on && document.activeElement !== on) on.checked = row.source.on;
    [permitted, delayed, rejected].forEach((value, i) => { tr.children[4 + i].textContent = rate(value); });
    const all = permitted + rejected;
    const [first, second, third] = tr.children[7].firstChild.children;
    width(first, all ? 100 * (permitted - delayed) / all : 0);
    width(second, all ? 100 * delayed / all : 0);
    width(third, all ? 100 * rejected / all : 0);
  });
  keep($('clients'), [...rows].map(([key, row]) => ({key, ...row})), row => el('option', {value: row.client}), () => {});
}

function wire() {
  $('rejections').remove(); // Here the list is of all instances.
  $('redis').addEventListener('click', async event => {
    event.target.disabled = true;
    await said($('redis-said'), () => turn('demo/redis', !state.redisRuns), '');
    event.target.disabled = false;
  });
  for (const [id, on] of [['all-on', true], ['all-off', false]]) {
    $(id).addEventListener('click', async () => {
      try {
        for (const source of state.traffic) await turn('demo/traffic/' + encodeURIComponent(source.client), on);
        $('traffic-said').textContent = '';
      } catch (e) {
        failed($('traffic-said'), e);
      }
    });
  }
}

/** The clients that were rejected most often, from each instance's sketch. */
function showTop(one) {
  if (one.top.length === 0) return;
  const most = one.top[0].count;
  keep($('top'), one.top.map(row => ({key: row.policy + ' ' + row.client, ...row})),
    row => el('li', {}, el('span', {title: row.client + ' under ' + row.policy}, row.client + ' · ' + row.policy), el('span', {class: 'track', 'aria-hidden': 'true'}, el('i')), el('span', {})),
    (row, entry) => {
      width(row.children[1].firstChild, 100 * entry.count / most);
      const least = entry.count - entry.atMostOver;
      row.children[2].textContent = (least < entry.count ? least.toLocaleString('en') + '–' : '') + entry.count.toLocaleString('en');
    });
  one.top.forEach(row => $('top').append([...$('top').children].find(each => each.dataset.key === row.policy + ' ' + row.client)));
}

/** Begins: the page of the demo gets the token from the demo. */
export async function start() {
  const found = await ask('GET', 'demo');
  use(found.token);
  if (!state) {
    wire();
    $('limits').elements.client.value = 'dave';
  }
  state = found;
  showState();
  const again = () => refresh().catch(() => {}); // The store is away: what was known stays.
  again();
  setInterval(again, 5000);
}

export function show(one, history) {
  showTop(one);
  showPool(one, history);
  showTraffic(one, history);
}
