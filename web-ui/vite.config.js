// One page, one script, one stylesheet, all external files with hashed names: what a strict
// Content-Security-Policy allows without a nonce.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vite'

// JSX as calls of h(): each element is some bytes shorter than with the automatic runtime, a twentieth of the bundle.
const withH = {
  name: 'with-h',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('.tsx') ? { code: `import { h as jsxH, Fragment as JsxF } from 'preact';${code}`, map: null } : null)
}

// Vite wraps each import() to preload stylesheets of its own, of which no area has any: what is left of the wrapper is the import.
const noPreload = {
  name: 'no-preload',
  enforce: 'pre',
  resolveId: id => (id === '\0vite/preload-helper.js' ? id : null),
  load: id => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = bring => bring()' : null)
}

// Classes of the design that no screen uses yet stay in its stylesheets and out of the bundle. A class is in use
// when it stands in a short quoted text of the sources, or in a template.
function unusedClasses() {
  const src = join(import.meta.dirname, 'src')
  const text = ending => readdirSync(src, { recursive: true }).filter(f => ending.test(f)).map(f => readFileSync(join(src, f), 'utf8')).join('\n')
  const sources = text(/\.tsx?$/)
  const quoted = sources.match(/'[a-z][ a-z0-9-]{0,40}'|"[a-z][ a-z0-9-]{0,60}"|`[a-z$][\w $&{}?:'.%()=!-]*`/g) ?? []
  const words = new Set(quoted.join(' ').match(/[\w-]+/g))
  return [...new Set(text(/\.css$/).match(/\.[a-z][\w-]*/g))].map(c => c.slice(1)).filter(c => !words.has(c))
}

// All that the entry imports without import(), so that it is one script: split in three, their lists of names alone are a
// hundredth of the bundle.
function firstModules() {
  const src = join(import.meta.dirname, 'src')
  const found = new Set([join(src, 'main.tsx')])
  for (const file of found) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^'()]*?'(\.[^']+)'/gm)) {
      const at = [name + '.tsx', name + '.ts'].map(n => join(dirname(file), n)).find(existsSync)
      if (at) found.add(at)
    }
  }
  return found
}
const first = firstModules()

export default defineConfig({
  css: { lightningcss: { unusedSymbols: unusedClasses() } },
  plugins: [withH, noPreload],
  // The node serves no /public folder of its own: favicon.svg is copied beside index.html.
  oxc: { jsx: { runtime: 'classic', pragma: 'jsxH', pragmaFrag: 'JsxF' } },
  build: {
    target: 'es2022',
    // Browsers that know light-dark(): an older target would rewrite the tokens into a fallback
    // that data-theme cannot override.
    cssTarget: ['chrome125', 'firefox128', 'safari18'],
    // data: URLs in the script would bypass the asset folder and its immutable caching.
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', test: id => first.has(id) || /\/(?:got|code|Steps|SendRow)\.tsx?$|\/node_modules\/(?:@?preact)/.test(id) }] } } },
    reportCompressedSize: false
  }
})
