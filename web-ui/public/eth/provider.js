// Hearth for a web page: an EIP-1193 provider over the websocket at /eth, announced by EIP-6963 and,
// where no other wallet is, as window.ethereum. A page loads it from the node's own address,
// <script src="http://127.0.0.1:8420/eth/provider.js"></script>, or its visitor adds it with a user
// script. It holds no secret and decides nothing: the node knows the page by the Origin that the
// browser sends, answers 4100 to what the owner has not allowed it, and asks the owner in a place
// that no page can reach. No connection is made before the page asks for something.
;(() => {
  'use strict'
  const DISCONNECTED = 4900 // EIP-1193, as 4001, 4100 and 4200, which the node sends
  const WAIT_MS = 1000, WAIT_MOST_MS = 30000, CLOSED = 3
  const EVENTS = ['connect', 'disconnect', 'chainChanged', 'accountsChanged', 'message']
  const ICON = 'data:image/svg+xml,%3Csvg xmlns=\'http://www.w3.org/2000/svg\' width=\'96\' height=\'96\' viewBox=\'0 0 24 24\' fill=\'none\' stroke=\'%2328509e\' stroke-width=\'2\' stroke-linecap=\'round\' stroke-linejoin=\'round\'%3E' +
    '%3Cpath d=\'M3 21h18M4.5 21V10.5a7.5 7.5 0 0 1 15 0V21\'/%3E' +
    '%3Cpath d=\'M12 9c.4 2 3.2 3.2 3.2 6.3a3.2 3.2 0 0 1-6.4 0c0-1.5.8-2.3 1.4-3 .3 1 .8 1.4 1.2 1.4.9-1.2.9-3 .6-4.7z\'/%3E%3C/svg%3E'

  const script = document.currentScript
  const base = script && /^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+\/eth\//.test(script.src)
    ? new URL(script.src).host : '127.0.0.1:8420'

  const listeners = new Map(EVENTS.map(name => [name, new Set()]))
  const pending = new Map() // id -> { resolve, reject }
  let socket = null, opening = null, nextId = 1, wait = WAIT_MS, timer = 0, chainId = null

  function failure(code, message, data) {
    const error = new Error(message)
    error.code = code
    if (data !== undefined) error.data = data
    return error
  }

  // One listener's mistake is not to keep an event from the others.
  function emit(name, value) {
    for (const listener of [...listeners.get(name)]) {
      try { listener.call(provider, value) } catch (error) { setTimeout(() => { throw error }) }
    }
  }

  function call(method, params) {
    const id = nextId++
    const message = { jsonrpc: '2.0', id, method }
    if (params !== undefined) message.params = params
    return new Promise((resolve, reject) => {
      socket.send(JSON.stringify(message)) // what cannot be written as JSON rejects the promise
      pending.set(id, { resolve, reject })
    })
  }

  function onReply(reply) {
    const asked = pending.get(reply.id)
    if (!asked) return
    pending.delete(reply.id)
    if (reply.error) asked.reject(failure(reply.error.code, reply.error.message, reply.error.data))
    else asked.resolve(reply.result)
  }

  function onMessage(event) {
    const message = JSON.parse(event.data)
    const params = message.params
    if (message.method === undefined) return onReply(message)
    if (message.method === 'eth_subscription') emit('message', { type: 'eth_subscription', data: params })
    else if (message.method === 'chainChanged') setChain(params[0])
    else if (message.method === 'accountsChanged') {
      emit('accountsChanged', params)
      if (chainId === null && params.length > 0) greet()
    }
  }

  function setChain(id) {
    const isNews = chainId !== null && chainId !== id
    chainId = id
    if (isNews) emit('chainChanged', id)
  }

  // Refused without a permission: then there is no chain to tell of yet.
  function greet() {
    call('eth_chainId').then(id => { setChain(id); emit('connect', { chainId: id }) }, () => {})
  }

  function onClose(wasOpen) {
    const error = failure(DISCONNECTED, 'Hearth cannot be reached; is it running on this computer?')
    socket = opening = null
    for (const { reject } of pending.values()) reject(error)
    pending.clear()
    if (wasOpen) emit('disconnect', error)
    // Whoever listens wants the events to come again.
    if (![...listeners.values()].some(set => set.size > 0)) return
    clearTimeout(timer)
    timer = setTimeout(() => open().catch(() => {}), wait)
    wait = Math.min(2 * wait, WAIT_MOST_MS)
  }

  function open() {
    if (opening) return opening
    clearTimeout(timer)
    opening = new Promise((resolve, reject) => {
      const mine = new WebSocket(`ws://${base}/eth`)
      let isOpen = false
      mine.onmessage = onMessage
      mine.onopen = () => {
        isOpen = true
        socket = mine
        wait = WAIT_MS
        resolve()
        greet()
      }
      mine.onclose = () => {
        onClose(isOpen)
        reject(failure(DISCONNECTED, 'Hearth cannot be reached; is it running on this computer?'))
      }
    })
    return opening
  }

  const provider = {
    isHearth: true,
    isConnected: () => socket !== null && socket.readyState !== CLOSED,
    async request(args) {
      if (args === null || typeof args !== 'object' || typeof args.method !== 'string' || args.method === '') {
        throw failure(-32602, 'a request is an object with a method')
      }
      await open()
      if (!provider.isConnected()) throw failure(DISCONNECTED, 'Hearth has just gone away')
      return call(args.method, args.params)
    },
    on(name, listener) {
      if (listeners.has(name) && typeof listener === 'function') listeners.get(name).add(listener)
      return provider
    },
    removeListener(name, listener) {
      if (listeners.has(name)) listeners.get(name).delete(listener)
      return provider
    }
  }

  const info = Object.freeze({ uuid: uuid(), name: 'Hearth', icon: ICON, rdns: 'local.hearth' })
  // crypto.randomUUID is missing on pages without TLS.
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16))
    bytes[6] = (bytes[6] & 0x0f) | 0x40
    bytes[8] = (bytes[8] & 0x3f) | 0x80
    const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }
  function announce() {
    window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }))
  }
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
  if (window.ethereum === undefined) window.ethereum = provider
})()
