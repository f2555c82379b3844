// One page, one script, one stylesheet, all external files with hashed names: what a strict
// Content-Security-Policy allows without a nonce.
import { defineConfig } from 'vite'

export default defineConfig({
  // The node serves no /public folder of its own: favicon.svg is copied beside index.html.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // Browsers that know light-dark(): an older target would rewrite the tokens into a fallback
    // that data-theme cannot override.
    cssTarget: ['chrome125', 'firefox128', 'safari18'],
    // data: URLs in the script would bypass the asset folder and its immutable caching.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false
  }
})
