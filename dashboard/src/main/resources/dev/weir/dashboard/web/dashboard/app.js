import {$} from './dom.js';
import {ask, hasToken, isKept, keepToken} from './session.js';
import {listen} from './live.js';
import {redraw} from './charts.js';
import * as panels from './panels.js';
import * as limits from './limits.js';

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

function connection(problem) {
  if (($('lost').textContent || null) === problem) return;
  document.body.classList.toggle('lost', problem != null); // What is shown is old.
  $('lost').hidden = problem == null;
  $('lost').textContent = problem ?? '';
}

$('sign-in').addEventListener('submit', event => {
  event.preventDefault();
  keepToken($('token').value.trim());
  begin();
});
$('sign-out').addEventListener('click', () => {
  keepToken(null);
  location.reload();
});

function signIn() {
  $('sign-in-said').textContent = hasToken() ? 'The server does not accept this token.' : '';
  keepToken(null);
  $('sign-in').hidden = false;
  $('token').value = '';
  $('token').focus();
}

/** Begins with what the server says that this page can do: the page shows nothing before. */
async function begin() {
  let found;
  let more;
  try {
    found = await ask('GET', 'overview');
    // A page of an application that has more to show says where its script is, beside the page.
    more = found.extension ? await import(new URL(found.extension, document.baseURI)) : null;
    await more?.start(found);
  } catch (e) {
    if (e.status === 401) {
      signIn();
    } else if (e.status === 403) {
      connection('This page is for administrators: ' + e.message + '.');
    } else {
      connection(e.status ? e.message : 'This instance does not answer. The page goes on by itself when it is back.');
      setTimeout(begin, 2000);
    }
    return;
  }
  connection(null);
  $('sign-in').hidden = true;
  $('sign-out').hidden = !isKept();
  document.body.classList.add('begun');
  document.body.classList.toggle('admin', found.admin !== 'none');
  document.body.classList.toggle('changes', found.admin === 'change');
  panels.showPolicies(found.policies);
  limits.start(found);
  setInterval(async () => {
    try {
      const next = await ask('GET', 'overview');
      panels.showPolicies(next.policies);
      limits.showPolicies(next.policies);
      more?.overview(next);
    } catch (e) { /* What was known stays. */ }
  }, 5000);
  try {
    await listen((one, history) => {
      panels.show(one, history);
      more?.show(one, history);
    }, connection);
  } catch (e) {
    location.reload(); // Not let in any more: begin anew.
  }
}

begin();
