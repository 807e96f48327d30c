// Everything that is drawn from a frame, with and without the demo.
import {$, el, keep, micros, rate, since, width} from './dom.js';
import {lines} from './charts.js';
import {recent} from './live.js';

const outcomes = [
  {label: 'Permitted', colour: '--permitted', filled: true},
  {label: 'Delayed', colour: '--delayed', dashed: true},
  {label: 'Rejected', colour: '--rejected', dotted: true},
];
const decisions = lines($('chart-decisions'), outcomes, {format: rate});
const leases = lines($('chart-leases'), [
  {label: 'Leased', colour: '--c1'}, {label: 'Spent', colour: '--c4', dashed: true}, {label: 'Returned', colour: '--c2', dotted: true},
], {format: rate});
const calls = lines($('chart-calls'), [{label: 'Calls a decision', colour: '--c3', filled: true}], {format: value => value.toFixed(2), least: .5});
const latency = lines($('chart-latency'), [
  {label: 'Median', colour: '--c1'}, {label: '99 %', colour: '--c5', dashed: true}, {label: 'Store, mean', colour: '--c4', dotted: true},
], {format: micros, axis: micros, log: true});

/** The spans of time in which an instance was on the ladder. */
export function downs(history) {
  const spans = [];
  history.forEach((one, i) => {
    if (!one.down) return;
    const from = i > 0 ? history[i - 1].at : one.at - 1;
    const open = spans.at(-1);
    if (open && open[1] === from) open[1] = one.at;
    else spans.push([from, one.at]);
  });
  return spans;
}

function ofFilter(one) {
  const chosen = $('filter').value;
  if (chosen.startsWith('client ')) return one.clients.get(chosen.slice(7))?.rates ?? {};
  return chosen ? one.policies[chosen.slice(7)] ?? {} : one.total;
}

function fillFilter(one) {
  const wanted = [
    ['', 'all policies'],
    ...Object.keys(one.policies).sort().map(name => ['policy ' + name, name]),
    ...[...one.clients.values()].map(row => ['client ' + row.key, row.client + ' (' + row.policy + ')']).sort(),
  ];
  const select = $('filter');
  if (select.options.length === wanted.length && wanted.every(([value], i) => select.options[i].value === value)) return;
  const chosen = select.value;
  select.replaceChildren(...wanted.map(([value, text]) => el('option', {value}, text)));
  select.value = wanted.some(([value]) => value === chosen) ? chosen : '';
}

function showTiles(one, history) {
  const permitted = recent(history, frame => frame.total.permitted, 3);
  const rejected = recent(history, frame => frame.total.rejected, 3);
  $('tile-permitted').textContent = rate(permitted);
  $('tile-rejected').textContent = rate(rejected);
  $('tile-rejected-share').textContent = permitted + rejected > 0
    ? 'a second, ' + (100 * rejected / (permitted + rejected)).toFixed(0) + ' % of all' : 'a second';
  $('tile-delayed').textContent = rate(recent(history, frame => frame.total.delayed, 3));
  $('tile-waiting').textContent = one.waiting ? 'a second, ' + one.waiting + ' wait now' : 'a second';
  $('tile-calls').textContent = one.callsPerDecision == null ? '–' : one.callsPerDecision.toFixed(2);
  $('tile-latency').textContent = micros(one.p99);
}

function showInstances(one) {
  keep($('instances'), one.instances.map(each => ({key: each.instance, ...each})),
    each => el('li', {}, el('span', {class: 'dot', 'aria-hidden': 'true'}), each.instance, el('span', {class: 'state'})),
    (row, each) => {
      row.className = each.silent ? 'down' : 'up';
      row.lastChild.textContent = each.silent ? 'does not answer' : '';
    });
  const answering = one.instances.filter(each => !each.silent);
  const down = answering.filter(each => !each.store.up);
  const words = down.length === 0 ? 'Store is up' : down.length === answering.length ? 'Store is away' : 'Store is away for ' + down.map(each => each.instance).join(', ');
  if ($('store').textContent !== words) { // Said by a screen reader only when it changes.
    $('store').className = 'pill ' + (down.length ? 'down' : 'up');
    $('store').replaceChildren(el('span', {class: 'dot', 'aria-hidden': 'true'}), words);
  }
  keep($('stores'), one.instances.map(each => ({key: each.instance, ...each})),
    each => el('li', {}, el('span', {class: 'dot', 'aria-hidden': 'true'}), el('b', {}, each.instance), el('span', {}), el('span', {class: 'note'})),
    (row, each) => {
      row.className = !each.silent && each.store.up ? 'up' : 'down';
      [row.children[2].textContent, row.children[3].textContent] = storeInWords(each);
    });
}

function storeInWords(each) {
  if (each.silent) return ['does not answer', ''];
  const {up, changedAt, outages, failures} = each.store;
  return [
    (up ? 'uses the store, for ' : 'on its own share, for ') + since(changedAt, each.at),
    (outages === 0 ? 'never away' : outages === 1 ? 'away once' : 'away ' + outages + ' times')
      + (failures === 0 ? '' : ', ' + failures.toLocaleString('en') + (failures === 1 ? ' call' : ' calls') + ' failed or late'),
  ];
}

function showRejections(one) {
  if (one.last && $('last').dataset.words !== one.last.words) {
    $('last').dataset.words = one.last.words;
    $('last').className = '';
    $('last').textContent = one.last.words + (one.instances.length > 1 ? ' (' + one.last.instance + ')' : '');
  }
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

function showCharts(one, history) {
  const times = history.map(frame => frame.at);
  const spans = downs(history);
  const values = name => history.map(frame => ofFilter(frame)[name] ?? 0);
  const now = ofFilter(one);
  decisions.show(times, [values('permitted'), values('delayed'), values('rejected')], spans,
    `Decisions a second: ${rate(now.permitted ?? 0)} permitted, ${rate(now.delayed ?? 0)} delayed, ${rate(now.rejected ?? 0)} rejected`);
  const leased = name => history.map(frame => frame.leases[name] ?? 0);
  leases.show(times, [leased('leased'), leased('spent'), leased('returned')], spans,
    `Permits a second: ${rate(one.leases.leased ?? 0)} leased, ${rate(one.leases.spent ?? 0)} spent, ${rate(one.leases.returned ?? 0)} returned`);
  calls.show(times, [history.map(frame => frame.callsPerDecision)], spans,
    'Store calls a decision: ' + (one.callsPerDecision == null ? 'no decisions' : one.callsPerDecision.toFixed(2)));
  latency.show(times, ['p50', 'p99', 'roundTripMicros'].map(name => history.map(frame => frame[name] || null)), spans,
    `Latency of decisions: median ${micros(one.p50)}, 99 % within ${micros(one.p99)}; a call of the store ${micros(one.roundTripMicros)}`);
}

export function show(one, history) {
  fillFilter(one);
  showInstances(one);
  showRejections(one);
  if (history.length === 0) return;
  showTiles(one, history);
  showCharts(one, history);
}
