// A thread of its own that asks a node small things all the while, so that what the test itself is busy with does not
// count: how long the longest answer took, and how much memory the node had at most (KiB).
import { readFileSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const PAUSE_MS = 20

export function residentKib(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1])
}

// stop() resolves to {worst, peak, count}.
export function startPings(url, pid) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, pid } })
  const first = new Promise((done, failed) => worker.once('message', done).once('error', failed))
  return first.then(() => ({
    stop: () => new Promise(done => {
      worker.once('message', state => worker.terminate().then(() => done(state)))
      worker.postMessage('stop')
    }),
  }))
}

async function ping(url) {
  const since = performance.now()
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}' })
  await answer.text()
  return performance.now() - since
}

if (!isMainThread) {
  const { url, pid } = workerData
  const state = { worst: 0, peak: 0, count: 0 }
  let isOver = false
  parentPort.once('message', () => (isOver = true))
  await ping(url) // the connection is there from then on
  parentPort.postMessage('ready')
  while (!isOver) {
    state.worst = Math.max(state.worst, await ping(url))
    state.peak = Math.max(state.peak, residentKib(pid))
    state.count++
    await new Promise(done => setTimeout(done, PAUSE_MS))
  }
  parentPort.postMessage(state)
}
