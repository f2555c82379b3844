// A browser in words, from the text by which it names itself. That text is a claim: it serves to tell one's own
// browsers apart and for nothing else.

// In this order, because most of them also name the ones below.
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\bChromium\//, 'Chromium'],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari']
]
const OTHERS = /\b(?:OPR|Opera|Vivaldi|SamsungBrowser|YaBrowser)\// // they name Chrome too and are none of these
const SYSTEMS: [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac ?OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux']
]
const LONG = 80

export function browserOf(userAgent: string): string {
  const found = (list: [RegExp, string][]): string | undefined => list.find(([sign]) => sign.test(userAgent))?.[1]
  const browser = OTHERS.test(userAgent) ? undefined : found(BROWSERS)
  if (!browser) return (userAgent.length > LONG ? `${userAgent.slice(0, LONG)}…` : userAgent) || 'A browser that gave no name'
  const system = found(SYSTEMS)
  return system ? `${browser} on ${system}` : browser
}
