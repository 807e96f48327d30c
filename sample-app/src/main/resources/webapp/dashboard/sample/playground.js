// Requests that the reader sends.
import {$, el} from '../dom.js';

const endpoints = [
  {label: 'GET /api/orders', method: 'GET', path: 'api/orders'},
  {label: 'POST /api/orders', method: 'POST', path: 'api/orders'},
  {label: 'GET /api/orders/report', method: 'GET', path: 'api/orders/report'},
  {label: 'GET /plain/hello', method: 'GET', path: 'plain/hello'},
];
const shownHeaders = ['ratelimit-policy', 'ratelimit', 'retry-after', 'content-type'];
let targets = [];

export function showPolicies(policies) {
  const next = [...policies.map(policy => ({label: 'playground: ' + policy.name, policy: policy.name})), ...endpoints];
  if (JSON.stringify(next) === JSON.stringify(targets)) return;
  const chosen = $('target').selectedIndex;
  targets = next;
  $('target').replaceChildren(...targets.map(target => el('option', {}, target.label)));
  $('target').selectedIndex = Math.max(0, Math.min(chosen, targets.length - 1));
  hint();
}

function hint() {
  const playground = targets[$('target').selectedIndex]?.policy;
  $('client').disabled = $('cost').disabled = !playground;
  $('hint').textContent = playground
    ? 'The playground asks the policy for any client and cost.'
    : 'The application itself: you are the client, known by your address; the cost is what the application says.';
}

async function fire(event) {
  event.preventDefault();
  const target = targets[$('target').selectedIndex];
  const url = target.policy
    ? 'try/' + encodeURIComponent(target.policy) + '?' + new URLSearchParams({client: $('client').value, cost: $('cost').value})
    : target.path;
  $('dots').replaceChildren();
  const count = Number($('count').value);
  const button = event.target.querySelector('button');
  button.disabled = true;
  let passed = 0;
  try {
    for (let i = 1; i <= count; i++) {
      const response = await fetch(url, {method: target.method || 'GET'});
      if (response.ok) passed++;
      $('dots').append(el('i', {class: response.ok ? null : 'no'}));
      const headers = shownHeaders.filter(name => response.headers.has(name)).map(name => name + ': ' + response.headers.get(name));
      $('answer').textContent = ['HTTP ' + response.status, ...headers, '', await response.text()].join('\n');
      $('tally').textContent = passed + ' permitted, ' + (i - passed) + ' rejected of ' + i;
    }
  } catch (e) {
    $('tally').textContent = 'The instance does not answer.';
  } finally {
    button.disabled = false;
  }
}

$('target').addEventListener('change', hint);
$('fire').addEventListener('submit', fire);
