/** Text to the value of a setting. Each throws a plain sentence: what was expected, what came. */
import { isIP } from 'node:net'
import { parseBytes } from '../lib/units.ts'

export function parseText(text: string): string {
  if (text.trim() === '') throw new Error('expected a value, got nothing')
  return text.trim()
}

export function parseCount(text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new Error(`expected a whole number from ${min} to ${max}, got "${text}"`)
  }
  return value
}

export function parsePort(text: string): number {
  return parseCount(text, 0, 65_535)
}

export function parseSize(text: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined || bytes < 1) throw new Error(`expected a size such as 512MB or 1048576, got "${text}"`)
  return bytes
}

/** What a flag without a value stands for, and its words in a variable. */
export function parseSwitch(text: string): boolean {
  return parseChoice(text, ['true', 'false'] as const) === 'true'
}

export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export function parseChoice<const T extends string>(text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text)
  if (found === undefined) throw new Error(`expected one of ${choices.join(', ')}, got "${text}"`)
  return found
}

const ACCIDENTS = ['kill', 'hang', 'hog'] as const

/** `kill=0.1,hang=0.02`: accidents per second, by kind. */
export function parseRates(text: string): Record<(typeof ACCIDENTS)[number], number> {
  const rates = { kill: 0, hang: 0, hog: 0 }
  for (const part of parseList(text)) {
    const [name, rate, ...more] = part.split('=')
    const value = Number(rate)
    const isRate = rate !== undefined && rate.trim() !== '' && value >= 0 && value <= 10 && more.length === 0
    if (!isRate) throw new Error(`expected KIND=RATE with a rate per second from 0 to 10, got "${part}"`)
    rates[parseChoice(name!, ACCIDENTS)] = value
  }
  return rates
}

const HOST_AND_PORT = /^(\[[0-9a-f:.%]+\]|[^:[\]/\s]+):(\d+)$/i

export function parseBind(text: string): string {
  const address = text.trim()
  if (/^unix:.+/.test(address) || /^fd:\/\/\d+$/.test(address)) return address
  const match = HOST_AND_PORT.exec(address)
  if (!match) throw new Error(`expected HOST:PORT, [IPV6]:PORT, unix:PATH or fd://N, got "${text}"`)
  parsePort(match[2]!)
  return address
}

/** `10.0.0.0/8`, `::1`: checked here, so that a slip of the pen is no open door. */
export function parseAddressRanges(text: string): readonly string[] {
  for (const range of parseList(text)) {
    const [address, bits, ...more] = range.split('/')
    const version = isIP(address ?? '')
    const bitsMax = version === 6 ? 128 : 32
    const isRange =
      version !== 0 && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= bitsMax))
    if (!isRange) throw new Error(`expected addresses or ranges such as 10.0.0.0/8, got "${range}"`)
  }
  return parseList(text)
}

export function parseHttpUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`expected an address that begins with http:// or https://, got "${text}"`)
  return url.href.replace(/\/$/, '')
}

// Values that stand in examples and tutorials. A server that anybody can enter must not start.
const KNOWN_KEYS = /^(changeme|change-me|secret|password|test|example|your-?key|knowbot)/i

export function parseBootstrapKey(text: string): string {
  if (text.length < 16) throw new Error(`expected at least 16 characters, got ${text.length}`)
  if (KNOWN_KEYS.test(text))
    throw new Error('expected a key of your own making (openssl rand -hex 24), got one that stands in examples')
  return text
}
