import {$} from './dom.js';
import {listen} from './live.js';
import {redraw} from './charts.js';
import {showPolicies} from './playground.js';
import * as panels from './panels.js';
import * as demo from './demo.js';

const root = document.documentElement;
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const stored = () => { try { return localStorage.getItem('theme'); } catch (e) { return null; } };

function theme() {
  root.dataset.theme = stored() ?? (prefersDark.matches ? 'dark' : 'light');
  redraw();
}

$('theme').addEventListener('click', () => {
  try { localStorage.setItem('theme', root.dataset.theme === 'dark' ? 'light' : 'dark'); } catch (e) { /* Then it is not remembered. */ }
  theme();
});
prefersDark.addEventListener('change', theme);
theme();

async function overview() {
  const found = await (await fetch('/overview')).json();
  showPolicies(found.policies);
  return found;
}

function connection(problem) {
  if (($('lost').textContent || null) === problem) return;
  document.body.classList.toggle('lost', problem != null); // What is shown is old.
  $('lost').hidden = problem == null;
  $('lost').textContent = problem ?? '';
}

async function begin() {
  try {
    const found = await overview();
    await demo.start(found.policies.map(policy => policy.name));
    setInterval(() => overview().catch(() => {}), 5000);
  } catch (e) {
    setTimeout(begin, 2000);
  }
}

begin();
listen((one, history) => {
  panels.show(one, history);
  demo.show(one, history);
}, connection);
