/**
 * Secrets that are made here: tokens of sessions, API keys, the set-up code. Each is random enough that its SHA-256 may be
 * kept in its place: there is nothing to guess that a slow hash would protect.
 *
 * An API key is `kb_` + public id without hyphens + `_` + 32 characters of secret + checksum. The checksum (CRC-32 of what
 * stands before it, 8 hexadecimal digits) refuses a misspelt key without a look into the database, and lets scanners of
 * source code know a leaked one from chance.
 */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

const TOKEN_BYTES = 32
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 32 of 62 characters: 190 bits. */
const SECRET_CHARACTERS = 32
// Without 0, O, 1, I and L: people read it from a terminal and may type it.
const CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
/** 20 of 31 characters: 99 bits. */
const CODE_CHARACTERS = 20

export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/** `ABCDE-FGHJK-…` */
export function newSetupCode(): string {
  return pick(CODE_ALPHABET, CODE_CHARACTERS).replace(/.{5}(?=.)/g, '$&-')
}

/** Hyphens, spaces and case are for the eye. */
export function readSetupCode(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '')
}

export function newKey(publicId: string): { key: string; secret: string } {
  const secret = pick(ALPHABET, SECRET_CHARACTERS)
  const body = `kb_${publicId.replaceAll('-', '')}_${secret}`
  return { key: `${body}${checksum(body)}`, secret }
}

const KEY = /^(kb_([0-9a-f]{32})_([0-9A-Za-z]{32}))([0-9a-f]{8})$/

export function readKey(key: string): { publicId: string; secret: string } | undefined {
  const [, body, id, secret, sum] = KEY.exec(key) ?? []
  if (body === undefined || checksum(body) !== sum) return undefined
  return { publicId: id!.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), secret: secret! }
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Takes the same time however much of the text is right. */
export function matches(text: string, hash: Uint8Array): boolean {
  const got = sha256(text)
  return hash.byteLength === got.byteLength && timingSafeEqual(got, hash)
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function pick(alphabet: string, count: number): string {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('')
}
