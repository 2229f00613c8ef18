/** What a machine offers and what endangers the data, in plain words: for `doctor`, and the bad news also at every start. */
import { mkdir } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import type { Config } from '../config.ts'
import { detectTools } from '../extraction.ts'
import { printBytes } from '../lib/units.ts'
import { inspectVolume, isContainer, LOW_WATER_BYTES, openSpace } from '../storage.ts'
import { examineFences } from './fences.ts'

export interface Finding {
  subject: string
  /** `bad` needs somebody to act. */
  state: 'good' | 'note' | 'bad'
  text: string
}

export async function examine(config: Config): Promise<Finding[]> {
  return [
    node(),
    memory(),
    ...examineFences(),
    ...(await examineFolder(config)),
    ...(await textRecognition()),
    model(config),
    embeddings(config),
  ]
}

/** What is wrong or worth knowing about the data folder. */
export async function examineFolder({ data }: Config): Promise<Finding[]> {
  await mkdir(data, { recursive: true, mode: 0o700 })
  const volume = inspectVolume(data)
  const free = await openSpace(data).freeBytes()
  const findings: Finding[] = []
  if (volume.isNetwork) {
    const text = `${data} lies on a network file system (${volume.fileSystem}). The database's write-ahead log is unsafe there: use a local disk.`
    findings.push({ subject: 'data folder', state: 'bad', text })
  } else if (volume.isEphemeral && isContainer()) {
    const text = `${data} is not on a volume (${volume.fileSystem}): everything is lost when the container is replaced. Mount a volume and set KNOWBOT_DATA to it.`
    findings.push({ subject: 'data folder', state: 'bad', text })
  } else {
    findings.push({
      subject: 'data folder',
      state: 'good',
      text: `${data} on ${volume.mountPoint} (${volume.fileSystem})`,
    })
  }
  const isLow = free < 4 * LOW_WATER_BYTES
  const left = `${printBytes(free)} free; below ${printBytes(LOW_WATER_BYTES)} uploads are refused, while reading, chat and deleting go on`
  findings.push({ subject: 'disk', state: isLow ? 'bad' : 'good', text: left })
  return findings
}

function node(): Finding {
  return {
    subject: 'node',
    state: 'good',
    text: `${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores`,
  }
}

function memory(): Finding {
  // Without a limit the kernel answers with a number beyond any machine.
  const limit = process.constrainedMemory()
  const isLimited = limit > 0 && limit < totalmem()
  const text = isLimited
    ? `${printBytes(limit)}, the limit of the container`
    : `${printBytes(totalmem())}, no container limit`
  return { subject: 'memory', state: 'good', text }
}

async function textRecognition(): Promise<Finding[]> {
  const { tesseract } = await detectTools()
  if (!tesseract) {
    const text =
      'the built-in engine reads English; with native Tesseract (Debian: tesseract-ocr and tesseract-ocr-LANG) it is faster, smaller and reads more languages'
    return [{ subject: 'text recognition', state: 'note', text }]
  }
  return [
    {
      subject: 'text recognition',
      state: 'good',
      text: `Tesseract ${tesseract.version}, languages: ${tesseract.languages.join(', ')}`,
    },
  ]
}

function model({ model: name }: Config): Finding {
  if (name === undefined)
    return {
      subject: 'model',
      state: 'note',
      text: 'none set: answers are quotes, unless an administrator chooses a model in the page',
    }
  return { subject: 'model', state: 'good', text: name }
}

function embeddings({ embeddings: name }: Config): Finding {
  if (name === undefined)
    return { subject: 'embeddings', state: 'note', text: 'none set: passages are found by their words' }
  return { subject: 'embeddings', state: 'good', text: name }
}
