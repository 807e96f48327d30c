// Everything that is drawn from a frame, whatever the application adds to it.
import {$, el, keep, micros, period, rate, since} from './dom.js';
import {lines} from './charts.js';
import {recent} from './live.js';

const permitted = {name: 'permitted', label: 'Permitted', colour: '--permitted', filled: true};
const delayed = {name: 'delayed', label: 'Delayed', colour: '--delayed', dashed: true};
const rejected = {name: 'rejected', label: 'Rejected', colour: '--rejected', dotted: true};
const decisions = lines($('chart-decisions'), [permitted, rejected], {format: rate});
const leases = lines($('chart-leases'), [
  {label: 'Leased', colour: '--c1'}, {label: 'Spent', colour: '--c4', dashed: true}, {label: 'Returned', colour: '--c2', dotted: true},
], {format: rate});
const calls = lines($('chart-calls'), [{label: 'Calls a decision', colour: '--c3', filled: true}], {format: value => value.toFixed(2), least: .5});
const ofDecisions = [
  {name: 'p50', label: 'Median', colour: '--c1'},
  {name: 'p99', label: '99 %', colour: '--c5', dashed: true},
];
const ofStore = {name: 'roundTripMicros', label: 'Store, mean', colour: '--c4', dotted: true};
const latency = lines($('chart-latency'), [ofStore], {format: micros, axis: micros, log: true});

// What only some applications know of their requests. Once it was there, it stays.
const has = {delayed: false, latency: false};

function learn(one) {
  has.delayed ||= one.hasDelayed;
  has.latency ||= one.hasLatency;
  $('tile-delayed-name').textContent = has.delayed ? 'Delayed' : 'Waiting';
  $('tile-latency-name').textContent = has.latency ? 'Latency' : 'Store';
  $('tile-latency-note').textContent = has.latency ? '99 % of decisions are faster' : 'a call, mean';
  $('h-latency').textContent = has.latency ? 'Latency of decisions' : 'Latency of the store';
  $('latency-note').textContent = has.latency ? 'Of those that did not wait for their turn.' : 'Of its calls, failed ones included.';
}

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
  const passed = recent(history, frame => frame.total.permitted, 3);
  const refused = recent(history, frame => frame.total.rejected, 3);
  $('tile-permitted').textContent = rate(passed);
  $('tile-rejected').textContent = rate(refused);
  $('tile-rejected-share').textContent = passed + refused > 0
    ? 'a second, ' + (100 * refused / (passed + refused)).toFixed(0) + ' % of all' : 'a second';
  $('tile-delayed').textContent = has.delayed ? rate(recent(history, frame => frame.total.delayed, 3)) : one.waiting;
  $('tile-waiting').textContent = !has.delayed ? 'for their turn, now' : one.waiting ? 'a second, ' + one.waiting + ' wait now' : 'a second';
  $('tile-calls').textContent = one.callsPerDecision == null ? '–' : one.callsPerDecision.toFixed(2);
  $('tile-latency').textContent = micros(has.latency ? one.p99 : one.roundTripMicros);
}

function showInstances(one) {
  keep($('instances'), one.instances.map(each => ({key: each.instance, ...each})),
    each => el('li', {}, el('span', {class: 'dot', 'aria-hidden': 'true'}), each.instance, el('span', {class: 'state'})),
    (row, each) => {
      row.className = each.silent ? 'down' : 'up';
      row.lastChild.textContent = each.silent ? 'does not answer' : '';
    });
  $('sharing').textContent = sharing(one);
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

/** An instance knows how many there are, but not what the others do. */
function sharing(one) {
  const sharing = Math.max(...one.instances.map(each => each.instances ?? 0));
  return sharing > one.instances.length
    ? `${sharing} instances share the store; this page shows ${one.instances.length} of them.` : '';
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

function showLast(one) {
  if (!one.last || $('last').dataset.words === one.last.words) return;
  $('last').dataset.words = one.last.words;
  $('last').className = '';
  $('last').textContent = one.last.words + (one.instances.length > 1 ? ' (' + one.last.instance + ')' : '');
}

function showCharts(one, history) {
  const times = history.map(frame => frame.at);
  const spans = downs(history);
  const values = name => history.map(frame => ofFilter(frame)[name] ?? 0);
  const now = ofFilter(one);
  const outcomes = has.delayed ? [permitted, delayed, rejected] : [permitted, rejected];
  decisions.series(outcomes);
  decisions.show(times, outcomes.map(line => values(line.name)), spans,
    'Decisions a second: ' + outcomes.map(line => rate(now[line.name] ?? 0) + ' ' + line.name).join(', '));
  const leased = name => history.map(frame => frame.leases[name] ?? 0);
  leases.show(times, [leased('leased'), leased('spent'), leased('returned')], spans,
    `Permits a second: ${rate(one.leases.leased ?? 0)} leased, ${rate(one.leases.spent ?? 0)} spent, ${rate(one.leases.returned ?? 0)} returned`);
  calls.show(times, [history.map(frame => frame.callsPerDecision)], spans,
    'Store calls a decision: ' + (one.callsPerDecision == null ? 'no decisions' : one.callsPerDecision.toFixed(2)));
  const latencies = has.latency ? [...ofDecisions, ofStore] : [ofStore];
  latency.series(latencies);
  latency.show(times, latencies.map(line => history.map(frame => frame[line.name] || null)), spans,
    (has.latency ? `Latency of decisions: median ${micros(one.p50)}, 99 % within ${micros(one.p99)}; ` : '') + `a call of the store ${micros(one.roundTripMicros)}`);
}

export function showPolicies(policies) {
  $('policies').replaceChildren(...policies.map(policy => el('tr', {}, el('th', {scope: 'row'}, policy.name + (policy.shadow ? ' (shadow)' : '')),
    el('td', {}, policy.algorithm), el('td', {}, policy.limit + ' per ' + period(policy.periodMillis)), el('td', {class: 'num'}, policy.burst),
    el('td', {}, policy.onStoreFailure), el('td', {}, policy.differs || '–'))));
}

export function show(one, history) {
  learn(one);
  fillFilter(one);
  showInstances(one);
  showLast(one);
  if (history.length === 0) return;
  showTiles(one, history);
  showCharts(one, history);
}
