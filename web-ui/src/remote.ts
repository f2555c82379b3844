// Pictures that lie elsewhere: loading one tells its host the reader's address, so each waits for a click. Whether
// this page may load it at all is said by the node's Content-Security-Policy, which is read and not put to the test.

let policy: Promise<string> | null = null

async function read(): Promise<string> {
  const answer = await fetch('/', { cache: 'no-store' })
  return answer.headers.get('content-security-policy') ?? ''
}

export async function mayLoad(href: string): Promise<boolean> {
  policy ??= read().catch(() => {
    policy = null
    return "img-src 'none'"
  })
  const words = (await policy).split(';').map(part => part.trim().split(/\s+/))
  const sources = words.find(([name]) => name === 'img-src') ?? words.find(([name]) => name === 'default-src')
  const { host, origin } = new URL(href)
  return !sources || sources.some(s => s === '*' || s === 'https:' || s === host || s === origin)
}
