// Signing in. The node prints an address that ends in #token=…; the token is traded once for a cookie
// that scripts cannot read, and then removed from the address bar and the history.

export type SignIn = 'ok' | 'refused' | 'unreachable'

const DEADLINE_MS = 3000

// Takes the token out of the address, if there is one.
export function takeToken(): string | null {
  const found = /^#token=([0-9a-fA-F]{1,256})$/.exec(location.hash)
  if (!found) return null
  history.replaceState(null, '', '#/')
  return found[1] ?? null
}

export async function signIn(token: string): Promise<SignIn> {
  try {
    const answer = await fetch('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
      signal: AbortSignal.timeout(DEADLINE_MS)
    })
    if (answer.ok) return 'ok'
    return answer.status >= 500 ? 'unreachable' : 'refused'
  } catch {
    return 'unreachable'
  }
}

// A failed websocket upgrade does not tell the page its HTTP status: ask over HTTP which it was.
export async function sessionState(): Promise<SignIn> {
  try {
    const answer = await fetch('/session', { cache: 'no-store', signal: AbortSignal.timeout(DEADLINE_MS) })
    if (answer.ok) return 'ok'
    return answer.status === 401 ? 'refused' : 'unreachable'
  } catch {
    return 'unreachable'
  }
}
