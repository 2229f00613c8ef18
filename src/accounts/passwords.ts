/** Passwords: which are taken, and how they are kept (argon2id, as a PHC string). */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { KnowBotError } from '../errors.ts'

const CHARACTERS_MIN = 12
const CHARACTERS_MAX = 256
// OWASP Password Storage Cheat Sheet: m = 19 MiB, t = 2, p = 1. About 70 ms on a loaded core.
const MEMORY_KIB = 19 * 1024
const PASSES = 2
const PARALLELISM = 1
const SALT_BYTES = 16
const TAG_BYTES = 32
/** Each takes 19 MiB and a core while it runs. */
const AT_ONCE_MAX = 2
/** Sign-ins that may wait for their turn; about four seconds' worth. */
const WAITING_MAX = 100

const derive = promisify(argon2)

interface Hash {
  memory: number
  passes: number
  parallelism: number
  salt: Buffer
  tag: Buffer
}

/** Throws `bad_request` with the reason when nobody should use this password. Length counts characters, not bytes. */
export function assertGoodPassword(password: string, name: string): void {
  const { length } = [...password]
  if (length < CHARACTERS_MIN || length > CHARACTERS_MAX) {
    const message = `Expected a password of ${CHARACTERS_MIN} to ${CHARACTERS_MAX} characters, got ${length}. Several words that only you would put together are a good one.`
    throw new KnowBotError('bad_request', message)
  }
  if (!isCommon(password, name)) return
  const message =
    'Expected a password that is not among the first to be guessed, got a common word, a row of keys, a repetition, or the name with a few characters added. Take several words that only you would put together.'
  throw new KnowBotError('bad_request', message)
}

// What is left of common passwords of twelve and more characters without their digits and signs (from published lists of
// leaked passwords): "Password2024!" is "password" with something added.
const COMMON_STEMS = new Set(
  `abc abcd abcdef abcdefgh admin administrator alexander amazing angel babygirl baseball basketball batman blink butterfly
   changeme changemenow charlie cheese chocolate computer correcthorsebatterystaple default dragon elizabeth facebook
   family flower football forever freedom friends fuckyou google guest hello helloworld hunter iloveu iloveyou
   jennifer jessica jordan killer knowbot letmein letmeinnow linkedin liverpool login logmein london love lovely loveyou
   manchester manchesterunited master metallica michael minecraft monkey mustang mypassword ncc newpassword nothing
   p@ssword pass passw password passwordpassword passwort peaches pokemon princess purple qazwsx qazwsxedc qwe qwer
   qwert qwerty qwertyui qwertyuiop root samantha secret security server shadow soccer spiderman starwars summer winter spring
   autumn sunshine superman superuser supersecret system temp temporary test testing tester thisisapassword thomas
   trustno tinkerbell unknown user username welcome welcomehome whatever william wordpass yellow zaq zxcvbn zxcvbnm asdf asdfgh
   asdfghjkl azerty azertyuiop motdepasse contrasena hallo hallohallo geheim geheimnis`.split(/\s+/),
)
const ROWS = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
]

function isCommon(password: string, name: string): boolean {
  const folded = password.toLowerCase()
  const stem = folded.replace(/[^\p{L}@]+/gu, '')
  const ownName = name.toLowerCase().replace(/[^\p{L}@]+/gu, '')
  if (COMMON_STEMS.has(stem) || (ownName.length > 2 && stem === ownName)) return true
  // One to four characters over and over, whatever they are.
  if (/^(.{1,4}?)\1+.{0,3}$/u.test(folded)) return true
  return ROWS.some((row) => row.includes(folded) || reversed(row).includes(folded) || `${row}${row}`.includes(folded))
}

function reversed(text: string): string {
  return [...text].reverse().join('')
}

export class Passwords {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** A PHC string. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES)
    return print({ ...CURRENT, salt, tag: await this.#derive(password, { ...CURRENT, salt }) })
  }

  /**
   * Whether the password belongs to the hash. Without a hash it takes the same time and says no, so that nobody learns from
   * the clock which accounts exist. `isOutdated`: the hash was made with other parameters than today's.
   */
  async verify(password: string, hash: string | null): Promise<{ isRight: boolean; isOutdated: boolean }> {
    const known = hash === null ? undefined : parse(hash)
    const expected = known ?? DUMMY
    const tag = await this.#derive(password, expected)
    const isRight = tag.length === expected.tag.length && timingSafeEqual(tag, expected.tag) && known !== undefined
    const { memory, passes, parallelism } = expected
    const isOutdated = memory !== MEMORY_KIB || passes !== PASSES || parallelism !== PARALLELISM
    return { isRight, isOutdated }
  }

  async #derive(message: string, { memory, passes, parallelism, salt }: Omit<Hash, 'tag'>): Promise<Buffer> {
    await this.#enter()
    try {
      return await derive('argon2id', { message, nonce: salt, memory, passes, parallelism, tagLength: TAG_BYTES })
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  async #enter(): Promise<void> {
    if (this.#running >= AT_ONCE_MAX) {
      if (this.#waiting.length >= WAITING_MAX) {
        throw new KnowBotError('overloaded', 'Too many people sign in at this moment. Try again in a few seconds.', {
          retryAfterS: 5,
        })
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#running++
  }
}

const CURRENT = { memory: MEMORY_KIB, passes: PASSES, parallelism: PARALLELISM }
const DUMMY: Hash = { ...CURRENT, salt: Buffer.alloc(SALT_BYTES, 1), tag: Buffer.alloc(TAG_BYTES) }
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

function print({ memory, passes, parallelism, salt, tag }: Hash): string {
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`
}

function parse(hash: string): Hash | undefined {
  const match = PHC.exec(hash)
  if (!match) return undefined
  const [, memory, passes, parallelism, salt, tag] = match
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt!, 'base64'),
    tag: Buffer.from(tag!, 'base64'),
  }
}
