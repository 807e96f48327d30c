// What the instances publish, as rates: counts only grow, and a rate is the difference of two of them.
import {events} from './session.js';

const LONGEST = 180; // seconds that the charts show

const ratio = (a, b) => b > 0 ? a / b : null;

/** Differences of numbers of the same name, a second; a count that has become smaller began anew. */
function perSecond(now, before, seconds) {
  const rates = {};
  for (const [name, value] of Object.entries(now)) {
    if (typeof value !== 'number') continue;
    const was = before?.[name] ?? 0;
    rates[name] = seconds > 0 ? (value >= was ? value - was : value) / seconds : 0;
  }
  return rates;
}

function addTo(sums, rates) {
  for (const [name, value] of Object.entries(rates)) sums[name] = (sums[name] ?? 0) + value;
}

const sumOf = objects => objects.reduce((sums, next) => (addTo(sums, next), sums), {});

/** The rejected clients of all instances, the most frequent first. An instance that knows none of a client may have
    forgotten it: that is added to the count, and to what it may be too large by. */
export function mostRejected(instances) {
  const sums = new Map();
  for (const {topRejected} of instances) {
    for (const row of topRejected) sums.set(row.policy + ' ' + row.client, {...row, count: 0, atMostOver: 0});
  }
  for (const {topRejected, rejectedOfOthers = 0} of instances) {
    const rows = new Map(topRejected.map(row => [row.policy + ' ' + row.client, row]));
    for (const [key, sum] of sums) {
      const row = rows.get(key) ?? {count: rejectedOfOthers, atMostOver: rejectedOfOthers};
      sum.count += row.count;
      sum.atMostOver += row.atMostOver;
    }
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}

/** One second of all instances together, from what each published now and before. */
function frame(now, before) {
  const policies = {}, clients = new Map(), leases = {};
  let calls = 0, callMicros = 0, waiting = 0, last = null, latencies = [];
  for (const one of now) {
    if (one.silent) continue;
    const was = before.get(one.instance);
    const seconds = was && !was.silent && was.startedAt === one.startedAt ? (one.at - was.at) / 1000 : 0;
    for (const [name, counts] of Object.entries(one.policies)) {
      addTo(policies[name] ??= {}, perSecond(counts, was?.policies?.[name], seconds));
      addTo(leases, perSecond(counts.leases, was?.policies?.[name]?.leases, seconds));
    }
    const previous = new Map((was?.clients ?? []).map(row => [row.policy + ' ' + row.client, row]));
    for (const row of one.clients ?? []) {
      const key = row.policy + ' ' + row.client;
      if (!clients.has(key)) clients.set(key, {key, policy: row.policy, client: row.client, rates: {}});
      addTo(clients.get(key).rates, perSecond(row, previous.get(key), seconds));
    }
    const store = perSecond(one.store, was?.store, seconds);
    calls += store.answers + store.failures;
    callMicros += store.micros;
    waiting += one.waiting;
    if (one.latency?.count > 0) latencies.push(one.latency);
    if (one.lastRejection && (!last || (one.lastRejection.at ?? 0) > (last.at ?? 0))) {
      last = {...one.lastRejection, instance: one.instance};
    }
  }
  const total = sumOf(Object.values(policies));
  const decided = (total.permitted ?? 0) + (total.rejected ?? 0);
  const decisions = latencies.reduce((sum, one) => sum + one.count, 0);
  return {
    at: now[0].at / 1000, // Of the instance that sends the events: by its clock, they come evenly.
    instances: now,
    policies, total, clients, leases, waiting, last,
    callsPerDecision: ratio(calls, decided),
    roundTripMicros: ratio(callMicros, calls),
    // The median of all is not known; that of each, by how many decisions it stands for, is near.
    hasDelayed: 'delayed' in total,
    hasLatency: now.some(one => one.latency),
    p50: ratio(latencies.reduce((sum, one) => sum + one.p50Micros * one.count, 0), decisions),
    p99: latencies.length ? Math.max(...latencies.map(one => one.p99Micros)) : null,
    top: mostRejected(now.filter(one => one.topRejected)).slice(0, 8),
    down: now.some(one => one.silent || !one.store.up),
  };
}

const pause = millis => new Promise(done => setTimeout(done, millis));

/**
 * Calls back with every frame and the history of the last minutes; and with what is wrong with the connection, or null.
 * The first frame has nothing to compare with: it has no rates, and is not part of the history. Ends when the server
 * does not let this reader see events any more.
 */
export async function listen(onFrame, onConnection) {
  let before = new Map();
  const history = [];
  const receive = data => {
    onConnection(null);
    const now = data.instances;
    const next = frame(now, before);
    const isFirst = before.size === 0;
    before = new Map(now.map(one => [one.instance, one.silent ? before.get(one.instance) ?? one : one]));
    if (!isFirst) history.push(next);
    if (history.length > LONGEST) history.shift();
    onFrame(next, history);
  };
  for (;;) {
    let wait = 2000;
    let problem = 'This instance does not answer. The page goes on by itself when it is back.';
    try {
      await events('events', receive);
    } catch (e) {
      if (e.status === 401 || e.status === 403) throw e;
      if (e.status) {
        wait = 5000;
        problem = 'This instance refuses to send events: ' + e.message + '. The page tries again by itself.';
      }
    }
    onConnection(problem);
    await pause(wait);
  }
}

/** The mean of the last seconds, so that bursts and whole seconds do not make numbers jump. */
export function recent(history, value, seconds = 5) {
  const last = history.slice(-seconds);
  return last.length ? last.reduce((sum, one) => sum + (value(one) ?? 0), 0) / last.length : 0;
}
