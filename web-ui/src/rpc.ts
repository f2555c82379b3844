// One websocket to the node, speaking JSON-RPC 2.0. This file knows frames, ids and deadlines; what
// the answers mean, and when to connect again, is the business of node.ts.

export class RpcError extends Error {
  constructor(
    message: string,
    readonly code: string // the stable word from error.data.code, to show and to copy
  ) {
    super(message)
  }
}

export interface Rpc {
  // deadlineMs: for what waits for a person, or for a key that is made slowly on purpose.
  call(method: string, params?: Record<string, unknown>, deadlineMs?: number): Promise<unknown>
  close(): void
}

interface Handlers {
  open(rpc: Rpc): void
  push(topic: string, value: unknown): void
  closed(rpc: Rpc): void
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: RpcError): void
  timer: ReturnType<typeof setTimeout>
}

const CALL_DEADLINE_MS = 10_000
const MAX_FRAME_CHARS = 4_000_000

interface Frame {
  id?: unknown
  method?: unknown
  params?: { topic?: unknown; value?: unknown } | null
  result?: unknown
  error?: { message?: unknown; data?: { code?: unknown } | null } | null
}

export function openRpc(url: string, on: Handlers): Rpc {
  const socket = new WebSocket(url, 'hearth')
  const waiting = new Map<number, Waiting>()
  let nextId = 1

  const rpc: Rpc = {
    call(method, params = {}, deadlineMs = CALL_DEADLINE_MS) {
      return new Promise((resolve, reject) => {
        if (socket.readyState !== WebSocket.OPEN) {
          reject(new RpcError('The page has no connection to the node.', 'not_connected'))
          return
        }
        const id = nextId++
        const timer = setTimeout(() => {
          waiting.delete(id)
          reject(new RpcError(`The node did not answer within ${deadlineMs / 1000} s.`, 'no_answer'))
        }, deadlineMs)
        waiting.set(id, { resolve, reject, timer })
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
      })
    },
    close() {
      socket.close()
      // A peer that is frozen never completes the closing handshake: do not wait for it.
      finish()
    }
  }

  let finished = false
  function finish(): void {
    if (finished) return
    finished = true
    for (const call of waiting.values()) {
      clearTimeout(call.timer)
      call.reject(new RpcError('The connection to the node was lost.', 'connection_lost'))
    }
    waiting.clear()
    on.closed(rpc)
  }

  function settle(frame: Frame): void {
    const call = waiting.get(frame.id as number)
    if (!call) return
    waiting.delete(frame.id as number)
    clearTimeout(call.timer)
    if (frame.error) {
      const { message, data } = frame.error
      call.reject(
        new RpcError(
          typeof message === 'string' ? message : 'The node refused without a reason.',
          typeof data?.code === 'string' ? data.code : 'unknown'
        )
      )
    } else {
      call.resolve(frame.result)
    }
  }

  socket.onopen = () => on.open(rpc)
  socket.onclose = finish
  socket.onmessage = event => {
    if (finished) return
    let frame: Frame | null = null
    try {
      if (typeof event.data === 'string' && event.data.length <= MAX_FRAME_CHARS) {
        frame = JSON.parse(event.data) as Frame | null
      }
    } catch {
      // Reported below together with the other frames that are no object.
    }
    if (typeof frame !== 'object' || frame === null) {
      console.warn('hearth: ignored a frame that is not a JSON object')
    } else if (frame.method === 'push') {
      if (typeof frame.params?.topic === 'string') on.push(frame.params.topic, frame.params.value)
      else console.warn('hearth: ignored a push without a topic')
    } else if (typeof frame.id === 'number') {
      settle(frame)
    }
  }
  return rpc
}
