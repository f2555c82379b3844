// The theme: follow the system, or always light, or always dark. Kept in this browser.
import { signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'
const KEY = 'hearth.theme'
const ORDER: Theme[] = ['system', 'light', 'dark']

function kept(): Theme {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : 'system'
  } catch {
    return 'system' // storage can be switched off; the choice then lasts as long as the page
  }
}

export const theme = signal<Theme>(kept())

function apply(): void {
  if (theme.value === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme.value
}

export function nextTheme(): Theme {
  return ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length] ?? 'system'
}

export function switchTheme(): void {
  theme.value = nextTheme()
  apply()
  try {
    if (theme.value === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme.value)
  } catch {
    // See kept().
  }
}

// At import, so that the first paint already has it.
apply()
