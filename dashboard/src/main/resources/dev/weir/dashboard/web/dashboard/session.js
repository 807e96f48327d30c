// The administrators' token, and requests that carry it. It is kept for this tab alone, and is never part of a URL.
const KEY = 'weir.admin.token';
let token = null;
let kept = false;
try { token = sessionStorage.getItem(KEY); kept = token != null; } catch (e) { /* Then it is asked for anew after each load. */ }

/** An answer that is none of those that were hoped for; the message says in words what was wrong. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** From now on requests carry this token; null for none. */
export function use(next) {
  token = next;
}

/** As `use`, until the tab is closed. */
export function keepToken(next) {
  use(next);
  kept = next != null;
  try {
    if (next == null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, next);
  } catch (e) { /* Then it is not kept. */ }
}

export const hasToken = () => token != null;

/** Whether the token is the reader's own, and not one that the application gave to its page. */
export const isKept = () => kept;

async function detail(response) {
  try {
    return (await response.json()).detail;
  } catch (e) {
    return undefined;
  }
}

/** Sends a request to a path beside the page. Redirects, to the form of a login for instance, are no answer. */
export async function send(path, {method = 'GET', body, signal} = {}) {
  const response = await fetch(path, {
    method,
    signal,
    cache: 'no-store',
    redirect: 'error',
    headers: {...(token ? {Authorization: 'Bearer ' + token} : {}), ...(body ? {'Content-Type': 'application/json'} : {})},
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Refused(response.status, await detail(response) ?? 'HTTP ' + response.status);
  return response;
}

/** Sends a request, and gives the JSON of the answer; null if it has none. */
export async function ask(method, path, body) {
  const text = await (await send(path, {method, body})).text();
  return text ? JSON.parse(text) : null;
}

// Servers read a path in their own ways: what has other characters goes into the query.
const SEGMENT = /^(?!\.{1,2}$)[^\/\\%;\p{Cc}]+$/u;

/** The path of one of a list: of the client or the bucket that has this id, which may be anyone's words. */
export const one = (path, parameter, id) =>
  SEGMENT.test(id) ? path + '/' + encodeURIComponent(id) : path + '?' + new URLSearchParams({[parameter]: id});

function deliver(data, onData) {
  try {
    onData(JSON.parse(data));
  } catch (e) {
    reportError(e); // A mistake of the page, and not of the connection.
  }
}

const SILENCE = 15000; // milliseconds, of a server that sends an event a second

/**
 * Reads server-sent events until they end, and calls back with the data of each. An EventSource would do that too, but
 * cannot send a token in a header.
 */
export async function events(path, onData) {
  const abort = new AbortController();
  let silence;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => abort.abort(), SILENCE);
  };
  try {
    heard();
    const response = await send(path, {signal: abort.signal});
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const {value, done} = await reader.read();
      if (done) return;
      heard();
      const messages = (rest + value).split('\n\n');
      rest = messages.pop();
      for (const message of messages) if (message.startsWith('data: ')) deliver(message.slice(6), onData);
    }
  } finally {
    clearTimeout(silence);
  }
}
