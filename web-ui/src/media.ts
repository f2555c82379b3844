// Media of posts: what of it lies at the node's own door, what is fetched there because the reader said so, and files
// of the reader's own on their way there. Nothing here speaks to any host but the node.
import { batch, signal } from '@preact/signals'
import type { Post } from './contract-posts'
import { readAuthorized, readBlob, readFound, type Blob } from './contract-talk'
import { ASK_MS } from './got'
import { call } from './node'
import { piecesOf } from './plain'
import { RpcError } from './rpc'

export interface Medium {
  url: string
  host: string
  kind: 'image' | 'video' | 'audio' | 'file'
  type: string | null // as its author says
  size: number | null
  sha256: string | null
  alt: string | null
}

const KINDS = ['image', 'video', 'audio'] as const
const SHA256 = /^[0-9a-f]{64}$/

function mediumOf(url: string, told: Record<string, string>): Medium | null {
  try {
    const { protocol, host } = new URL(url)
    if (!/^https?:$/.test(protocol)) return null
    const type = told.m ?? null
    const size = Number(told.size)
    return {
      url, host, type, size: Number.isSafeInteger(size) && size > 0 ? size : null, sha256: told.x && SHA256.test(told.x) ? told.x : null, alt: told.alt ?? null,
      kind: type === null ? 'image' : (KINDS.find(k => type.startsWith(`${k}/`)) ?? 'file')
    }
  } catch {
    return null
  }
}

// What a post shows besides its words: addresses that its author describes (NIP-92), and addresses of pictures in it.
export function mediaOf(p: Pick<Post, 'content' | 'tags'>): Medium[] {
  const found = new Map<string, Medium | null>()
  for (const [name, ...parts] of p.tags) {
    if (name !== 'imeta') continue
    const told: Record<string, string> = {}
    for (const part of parts) {
      const at = part.indexOf(' ')
      if (at > 0) told[part.slice(0, at)] ??= part.slice(at + 1)
    }
    if (told.url && !found.has(told.url)) found.set(told.url, mediumOf(told.url, told))
  }
  for (const piece of piecesOf(p.content)) if (piece.s === 'image' && !found.has(piece.href)) found.set(piece.href, mediumOf(piece.href, {}))
  return [...found.values()].filter(m => m !== null).slice(0, 20)
}

// --- what is here -----------------------------------------------------------------------------------------------

export interface Here {
  at: string | null // its address at our own door; null: not here
  type: string
}
// By the address in the post; one that is not in it was not asked for yet.
export const here = signal<ReadonlyMap<string, Here>>(new Map())
const FIND_MAX = 100
const asked = new Set<string>()
let wanted: string[] = []

async function find(urls: string[]): Promise<void> {
  const answer = await call('social.media_find', { urls }, readFound, ASK_MS).catch(() => null)
  const next = new Map(here.peek())
  for (const url of urls) {
    const found = answer?.found.find(f => f.url === url)
    next.set(url, { at: found?.here ?? null, type: found?.type ?? '' })
    if (!answer) asked.delete(url)
  }
  here.value = next
}

// Asked for together: what a list draws at once is one question.
export function lookFor(urls: string[]): void {
  const fresh = urls.filter(url => !asked.has(url))
  if (!fresh.length) return
  for (const url of fresh) asked.add(url)
  if (!wanted.length) {
    setTimeout(() => {
      const all = wanted
      wanted = []
      for (let i = 0; i < all.length; i += FIND_MAX) void find(all.slice(i, i + FIND_MAX))
    }, 0)
  }
  wanted.push(...fresh)
}

// Longer than a node waits for a host.
const FETCH_MS = 120_000

export async function fetchMedium(m: Medium): Promise<void> {
  const got = await call('social.media_fetch', { url: m.url, ...(m.sha256 && { sha256: m.sha256 }) }, readBlob, FETCH_MS)
  if (!got.url) throw new RpcError('It lies on your node now, but its door is closed, so this page cannot show it.', 'form')
  batch(() => (here.value = new Map(here.peek()).set(m.url, { at: got.url, type: got.type })))
}

// --- files of the reader's own ----------------------------------------------------------------------------------

export const FILE_MAX = 256 * 1024 * 1024 // HT_MEDIA_BLOB_MAX

async function hashOf(file: File): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
  return [...digest].map(b => b.toString(16).padStart(2, '0')).join('')
}

const said = (text: string): string => {
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    return typeof message === 'string' ? message : ''
  } catch {
    return ''
  }
}

// fetch() does not tell how much of a body is gone.
function put(url: string, authorization: string, file: File, sha256: string, onShare: (share: number) => void, stop: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const cut = (): void => reject(new RpcError('The connection to your node’s door broke off.', 'upload_cut'))
    request.open('PUT', `${url.replace(/\/$/, '')}/upload`)
    request.setRequestHeader('authorization', authorization)
    request.setRequestHeader('content-type', file.type || 'application/octet-stream')
    request.setRequestHeader('x-sha-256', sha256)
    request.upload.onprogress = e => onShare(e.total ? e.loaded / e.total : 0)
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) return resolve(request.responseText)
      const why = request.getResponseHeader('x-reason') || said(request.responseText)
      reject(new RpcError(why || `Your node’s door answered ${request.status}.`, `http_${request.status}`))
    }
    request.onerror = cut
    request.ontimeout = cut
    request.onabort = () => reject(new RpcError('Stopped.', 'stopped'))
    stop.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}

export type Step = 'hashing' | 'sending'

// Hashed here, so that what lies at the door is the very file; signed for by the owner's key; sent to the door.
export async function upload(file: File, onStep: (step: Step, share: number) => void, stop: AbortSignal): Promise<Blob & { url: string }> {
  if (file.size > FILE_MAX) throw new RpcError('It is larger than 256 MB, which is the most that one file may have.', 'form')
  if (!file.size) throw new RpcError('It is empty, or cannot be read.', 'form')
  onStep('hashing', 0)
  const sha256 = await hashOf(file)
  const { url, authorization } = await call('social.media_authorize', { sha256, action: 'upload' }, readAuthorized, ASK_MS)
  if (stop.aborted) throw new RpcError('Stopped.', 'stopped')
  if (!url) throw new RpcError('Your node’s door is closed, so that a file would have no address.', 'door_closed')
  onStep('sending', 0)
  const answer = await put(url, authorization, file, sha256, share => onStep('sending', share), stop)
  const got = readBlob(JSON.parse(answer), 'upload')
  if (got.sha256 !== sha256 || !got.url) throw new RpcError('Your node’s door answered for another file.', 'other_hash')
  here.value = new Map(here.peek()).set(got.url, { at: got.url, type: got.type })
  asked.add(got.url)
  return { url: got.url, sha256, type: got.type || file.type || 'application/octet-stream', size: got.size || file.size }
}

// Whether others can load what lies under an address: not when it leads into this computer or its own net.
export function isPrivate(url: string): boolean {
  const host = new URL(url).hostname
  return /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|0\.0\.0\.0|\[::1\]|\[f[cd])/.test(host)
}
