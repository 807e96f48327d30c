// What the sample has to show beside what every application has: see PageResource.
import * as playground from './playground.js';
import * as demo from './demo.js';

let isDemo = false;

export async function start(found) {
  isDemo = found.demo;
  playground.showPolicies(found.policies);
  if (isDemo) await demo.start();
}

export function overview(found) {
  playground.showPolicies(found.policies);
}

export function show(one, history) {
  if (isDemo) demo.show(one, history);
}
