// What a process has in its memory: every map of it that can be read, searched for secrets. Needs root, since the
// node and its signer are not dumpable.
import { open, readFile } from 'node:fs/promises'

const CHUNK = 1 << 22

// Maps that can be read, as [from, to, name]; what belongs to the kernel or is a device has no bytes for us.
async function mapsOf(pid) {
  const lines = (await readFile(`/proc/${pid}/maps`, 'utf8')).trim().split('\n')
  return lines.map(line => line.match(/^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$/))
    .filter(([, , , rights, name]) => rights.startsWith('r') && !/^\[(vvar|vsyscall|vvar_vclock)\]|^\/dev\//.test(name))
    .map(([, from, to, , name]) => [Number.parseInt(from, 16), Number.parseInt(to, 16), name])
}

// Gives a function that tells which of the secrets are in some bytes: one pass, by the first two bytes of each.
function searcher(secrets) {
  const byStart = new Map()
  const isStart = new Uint8Array(1 << 16)
  for (const [name, bytes] of Object.entries(secrets)) {
    const wanted = Buffer.from(bytes)
    const start = wanted.readUInt16LE(0)
    isStart[start] = 1
    byStart.set(start, [...(byStart.get(start) ?? []), [name, wanted]])
  }
  return (text, tell) => {
    for (let at = 0; at + 1 < text.length; at++) {
      const start = text[at] | (text[at + 1] << 8)
      if (!isStart[start]) continue
      for (const [name, wanted] of byStart.get(start)) if (text.subarray(at, at + wanted.length).equals(wanted)) tell(name)
    }
  }
}

// Which of the secrets, {name: bytes}, are in the memory of a process: [names], and how many bytes were read.
export async function searchMemory(pid, secrets) {
  const found = new Map()
  const search = searcher(secrets)
  const overlap = Math.max(...Object.values(secrets).map(bytes => bytes.length)) - 1
  const memory = await open(`/proc/${pid}/mem`)
  let total = 0, unread = 0
  try {
    for (const [from, to, map] of await mapsOf(pid)) {
      let rest = Buffer.alloc(0)
      for (let at = from; at < to; at += CHUNK) {
        const size = Math.min(CHUNK, to - at)
        const chunk = Buffer.alloc(size)
        const { bytesRead } = await memory.read(chunk, 0, size, at).catch(() => ({ bytesRead: 0 }))
        // Guard pages, and what has gone since the list was read.
        if (bytesRead < size) unread += size - bytesRead
        total += bytesRead
        const text = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
        search(text, name => found.set(name, map || 'anonymous'))
        rest = text.subarray(Math.max(0, text.length - overlap))
        chunk.fill(0)
      }
    }
  } finally {
    await memory.close()
  }
  return { found: [...found.keys()], where: Object.fromEntries(found), total, unread }
}

export const canSearch = () => process.getuid() === 0

// KiB of a process that are in memory, now and at most, and those that are no file's.
export async function rss(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const of = name => Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))[1])
  return { now: of('VmRSS'), most: of('VmHWM'), own: of('RssAnon') }
}
