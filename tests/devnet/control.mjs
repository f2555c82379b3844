// The control functions of a devnet, and the loopback port where curl reaches them.
import http from 'node:http';
import {LIE_KINDS} from './lies.mjs';

const BODY_LIMIT = 65536;

/** The control functions by name; each takes one object and gives a JSON value. */
export function controls(net) {
  const some = (index) => {
    if (index === undefined || index === null) return net.beacons;
    if (!net.beacons[index]) throw new Error(`there is no beacon ${index}`);
    return [net.beacons[index]];
  };
  return {
    skip: ({slots = 1} = {}) => net.skip(slots),
    undelivered: ({slots = 1} = {}) => net.undelivered(slots),
    participation: ({value} = {}) => net.setParticipation(value),
    finality: ({on = true} = {}) => net.setFinality(on),
    reorg: ({depth, refill, keep_txs: keepTransactions, force} = {}) =>
      net.reorg({depth, refill, keepTransactions, force}),
    offline: async ({beacon, ms} = {}) => {
      for (const one of some(beacon)) await one.offline(ms);
    },
    resume: async ({beacon} = {}) => {
      for (const one of some(beacon)) await one.resume();
    },
    lie: ({beacon, kind, times, on, ...rest} = {}) => {
      if (!LIE_KINDS.includes(kind)) throw new Error(`unknown lie "${kind}"; known: ${LIE_KINDS.join(' ')}`);
      for (const one of some(beacon)) one.lies.start({kind, times, on, ...rest});
    },
    truth: ({beacon} = {}) => {
      for (const one of some(beacon)) one.lies.stop();
    },
    state: () => ({
      head: net.head(),
      finalized: net.checkpoint(),
      participation: net.chain.participation,
      rpc: net.anvil.url,
      beacons: net.beacons.map((beacon) => ({url: beacon.url, online: beacon.isOnline, requests: beacon.requests,
        lies: beacon.lies.describe()})),
    }),
    stop: () => {
      setTimeout(() => net.stop().then(() => net.onStopped?.()), 20);
    },
  };
}

async function readBody(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > BODY_LIMIT) throw new Error('the body is too long');
  }
  return text.trim() ? JSON.parse(text) : {};
}

/** Serves POST /devnet/<name> and GET /devnet. Gives {url, close()}. */
export async function serveControls(functions, port) {
  const server = http.createServer(async (request, response) => {
    const answer = (status, value) => {
      response.writeHead(status, {'content-type': 'application/json'});
      response.end(JSON.stringify(value) + '\n');
    };
    try {
      const [, top, asked] = request.url.split('?')[0].split('/');
      const name = asked || 'state';
      const known = top === 'devnet' && Object.hasOwn(functions, name);
      if (!known) return answer(404, {ok: false, error: `no such control; known: ${Object.keys(functions).join(' ')}`});
      // A web page can make a browser send simple requests here; only what curl and tests send is taken.
      if (request.headers.origin) return answer(403, {ok: false, error: 'not for web pages'});
      if (request.method !== 'POST' && name !== 'state') return answer(405, {ok: false, error: 'use POST'});
      const value = await functions[name](await readBody(request));
      return answer(200, {ok: true, ...value});
    } catch (error) {
      return answer(400, {ok: false, error: error.message});
    }
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
