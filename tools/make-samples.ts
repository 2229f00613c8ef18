/**
 * Makes the two samples that nobody can write by hand: a PDF with a text layer, and a scan, which is a picture of a page with
 * the tilt, the blur and the specks that scans have. The results are checked in, because fonts differ from machine to machine.
 *
 *   node tools/make-samples.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

const FOLDER = join(import.meta.dirname, '../samples')

/** The size at which the text recognition of the system that KnowBot replaces ran out of memory. */
const SCAN = { width: 3424, height: 1926 }
const GREY_STEP = 17

/** Lines of at most this many characters fill the column at 11 points. */
const COLUMNS = 84

const REPORT: readonly (readonly string[])[] = [
  [
    '# Tern Street Library: annual report 2023',
    'In 2023 the library lent 48,310 items, 4.2 percent more than the year before. Another 6,120 loans were electronic books. The most borrowed book was "The Lighthouse Keeper\'s Ledger", which went out 96 times.',
    '## Visitors',
    'We counted 31,870 visits. The busiest day was Saturday, 11 November, with 412 people in four hours, when the autumn fair was held in the yard. On an average day 124 people came.',
    '## Money',
    'The town gave 96,000 euros, membership fees brought 14,200 euros, and donations 9,350 euros. For new books we spent 22,400 euros, for heating 11,900 euros, which is a third more than in 2022. The year closed with a surplus of 1,760 euros.',
    '## Collection',
    'At the end of the year the shelves held 37,450 items. We took in 2,180 and gave away 1,640, most of them to the prison library in Holm. The oldest book in the house is a pilot guide of the Fennel coast printed in 1741.',
  ],
  [
    '# The book van',
    'The van drove 9,640 kilometres and stopped at eleven villages. It carries 2,300 books. It lent 7,905 of the items counted on page 1, most of them in Upper Saltby.',
    '## Where it stops',
    'Tuesday: Upper Saltby, at the school, from 14:00 to 16:00. Wednesday: Marram, at the chapel, from 9:30 to 11:00. Thursday: Holm, at the harbour office, from 15:00 to 17:30. The other villages are visited every second Friday.',
    '## People',
    'Seven people work in the library, four of them part-time. Twenty-three volunteers gave 2,950 hours. Jonas Feld retired in July after 34 years as driver of the van; Mirela Stan has driven it since.',
  ],
]

const MINUTES: readonly string[] = [
  'TERN STREET LIBRARY, PORT FENNEL',
  'Minutes of the meeting of the board on 14 March 2024',
  '',
  'Present: Ines Aldous (chair), Tomas Wray (treasurer), Petra Quill (librarian) and nine members.',
  '',
  'The reading room. The work is finished. The reading room has 42 seats, eleven more than before, and',
  'six desks with sockets. The new boiler, delivered by Harl & Sons, cost 8,350 euros. It heats the room',
  'to 20 degrees within forty minutes.',
  '',
  "The roof. On 2 February rain came in above the children's corner. The repair will cost 3,900 euros and",
  'begins on Monday, 8 April. Until then story time is held in the staff kitchen.',
  '',
  'Membership. The yearly fee stays at 18 euros; whoever is under sixteen or over seventy pays nothing.',
  'On 1 March the library had 1,264 members, 87 more than a year before.',
  '',
  'The book van. It broke down twice in January. The board decided to replace its battery for 640 euros',
  'and not to hire another van. Mirela Stan will test it on the road to Holm.',
  '',
  'The next meeting is on Thursday, 13 June 2024, at half past six in the evening, in the reading room.',
]

writeFileSync(join(FOLDER, 'annual-report.pdf'), makeReport())
writeFileSync(join(FOLDER, 'board-minutes-scan.png'), await makeScan())

interface Line {
  text: string
  font: 'F1' | 'F2'
  /** Points. */
  size: number
  y: number
}

/** A4, Helvetica, one column. Each line is placed by itself, so that the text layer has the order of reading. */
function makeReport(): Buffer {
  const pages = REPORT.map(layOut)
  const kids = pages.map((_, index) => `${5 + index * 2} 0 R`).join(' ')
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /Lang (en) >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>',
    ...pages.flatMap((lines, index) => {
      const content = lines
        .map(
          ({ text, font, size, y }) => `BT /${font} ${size} Tf 72 ${y} Td (${text.replace(/[\\()]/g, '\\$&')}) Tj ET`,
        )
        .join('\n')
      const fonts = '<< /Font << /F1 3 0 R /F2 4 0 R >> >>'
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${6 + index * 2} 0 R /Resources ${fonts} >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ]
    }),
    '<< /Title (Tern Street Library: annual report 2023) /Author (Tern Street Library) >>',
  ]
  let body = '%PDF-1.7\n'
  const offsets = objects.map((object, index) => {
    const offset = body.length
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>`
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}${trailer}`
  return Buffer.from(`${body}${table}\nstartxref\n${body.length}\n%%EOF\n`, 'latin1')
}

function layOut(blocks: readonly string[]): Line[] {
  const lines: Line[] = []
  let y = 770
  for (const block of blocks) {
    const level = /^#*/.exec(block)![0].length
    const style = level === 0 ? { font: 'F1' as const, size: 11 } : { font: 'F2' as const, size: level === 1 ? 18 : 13 }
    for (const text of wrap(block.slice(level).trim(), level === 0 ? COLUMNS : 60)) {
      lines.push({ text, ...style, y })
      y -= style.size * 1.45
    }
    y -= level === 0 ? 14 : 4
  }
  return lines
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, line]
}

async function makeScan(): Promise<Buffer> {
  const page = await sharp(Buffer.from(pageAsSvg())).flatten({ background: '#ffffff' }).greyscale().raw().toBuffer()
  const { width, height } = SCAN
  const raw = { width, height, channels: 1 as const }
  // Laid on the glass a little askew, and not quite in focus.
  const { data } = await sharp(page, { raw })
    .rotate(0.7, { background: '#ffffff' })
    .resize(width, height, { fit: 'cover', position: 'centre' })
    .blur(0.9)
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  wear(data, width)
  return sharp(data, { raw }).png({ palette: true, colours: 16, dither: 0, compressionLevel: 9, effort: 10 }).toBuffer()
}

function pageAsSvg(): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const lines = MINUTES.map((text, index) => {
    const size = index === 0 ? 80 : index === 1 ? 74 : 71
    const weight = index < 2 ? 'bold' : 'normal'
    return `<text x="230" y="${190 + index * 87}" font-size="${size}" font-weight="${weight}">${escaped(text)}</text>`
  })
  const { width, height } = SCAN
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="Liberation Serif, DejaVu Serif, serif" fill="#1c1c1c">${lines.join('')}</svg>`
}

/** Grey paper that darkens towards one edge, ink that is not everywhere, and specks. The same every time. */
function wear(pixels: Buffer, width: number): void {
  const random = seeded(20240314)
  for (let at = 0; at < pixels.length; at++) {
    const ink = pixels[at]!
    const shade = 243 - 12 * ((at % width) / width)
    const grain = (random() + random() - 1) * (ink < 128 ? 40 : 6)
    const speck = random() < 0.0005 ? -90 : 0
    const grey = Math.max(0, Math.min(255, ink * (shade / 255) + grain + speck))
    // Sixteen greys, as office scanners write: more would only be grain, and three times the file.
    pixels[at] = Math.round(grey / GREY_STEP) * GREY_STEP
  }
}

/** mulberry32: 32 bits of state, good enough for dirt. */
function seeded(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
