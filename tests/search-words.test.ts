/** Numbers with units, codes, identifiers, hyphens and typing errors: what is found first among texts that differ in little. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshLibrary } from './support/search-library.ts'

/** Texts that stand together, and for queries the number of the text that comes first, or `undefined` where nothing may be found. */
const CASES: readonly { texts: readonly string[]; queries: readonly (readonly [string, number | undefined])[] }[] = [
  {
    texts: [
      'The parcel weighs 5kg and goes by road.',
      'The parcel weighs 15 kg and goes by rail.',
      'The parcel weighs 50 kg and goes by ship.',
    ],
    queries: [
      ['parcel 5 kg', 0],
      ['parcel 5kg', 0],
      ['parcel 15kg', 1],
      ['parcel 15 kg', 1],
      ['50kg', 2],
      ['50 KG parcel', 2],
    ],
  },
  {
    texts: [
      'Each disk holds 10 GB.',
      'Each disk holds 10MB.',
      'Each disk holds 100GB of data.',
      'Each disk costs 10 pounds.',
    ],
    queries: [
      ['10GB disk', 0],
      ['10 GB', 0],
      ['10 MB', 1],
      ['disk of 100 GB', 2],
    ],
  },
  {
    texts: [
      'The valve AB-1200 is closed.',
      'The valve AB-1201 is closed.',
      'The valve AC-1200 is closed.',
      'The valve AB-1200A is closed.',
    ],
    queries: [
      ['AB-1201', 1],
      ['AB1200', 0],
      ['ac1200 valve', 2],
      ['AB-1200A', 3],
      ['valve ab 1201', 1],
      ['"AB-1200A"', 3],
    ],
  },
  {
    texts: [
      'Version 1.2.3 mends the clock.',
      'Version 1.2.4 mends the clock.',
      'Version 1.3.2 mends the clock.',
      'Version 2.1.3 mends the clock.',
    ],
    queries: [
      ['version 1.2.4', 1],
      ['version 1.3.2', 2],
      ['version 2.1.3', 3],
      ['1.2.3', 0],
    ],
  },
  {
    texts: [
      'The host is 10.0.0.12 in the cellar.',
      'The host is 10.0.0.21 in the cellar.',
      'The host is 10.0.1.12 in the cellar.',
    ],
    queries: [
      ['10.0.0.21', 1],
      ['10.0.1.12 host', 2],
    ],
  },
  {
    texts: [
      'Programs in C are small.',
      'Programs in C++ are larger.',
      'Programs in C# are managed.',
      'Programs in F# are functional.',
    ],
    queries: [
      ['programs in C++', 1],
      ['C#', 2],
      ['f# programs', 3],
      ['c++', 1],
    ],
  },
  {
    texts: [
      'Call getUserById with the number.',
      'Set max_pool_size to the number.',
      'The HTTPServer listens on the number.',
      'The user pool has a maximum.',
    ],
    queries: [
      ['getUserById', 0],
      ['get user by id', 0],
      ['getuserbyid', 0],
      ['maxPoolSize', 1],
      ['max pool size', 1],
      ['max_pool_size', 1],
      ['max-pool-size', 1],
      ['http server', 2],
      ['HttpServer', 2],
    ],
  },
  {
    texts: [
      'Send an e-mail to the bakery.',
      'The re-entry was hard.',
      'A state-of-the-art oven.',
      'The bakery sends a letter.',
    ],
    queries: [
      ['email', 0],
      ['e mail', 0],
      ['E-Mail', 0],
      ['reentry', 1],
      ['re-entry', 1],
      ['state of the art', 2],
      ['stateoftheart', 2],
    ],
  },
  {
    texts: [
      'The lighthouse keeper counts the birds.',
      'The librarian counts the books.',
      'Der Leuchtturm steht am Meer.',
      'Маяк стоит у берега моря.',
    ],
    queries: [
      ['lighthosue', 0],
      ['lighthous', 0],
      ['libarian', 1],
      ['Leuchttrum', 2],
      ['берга моря', 3],
      // Two letters wrong is another word.
      ['lampmouse', undefined],
    ],
  },
  {
    texts: [
      'Invoice 2024-0017 was paid.',
      'Invoice 2024-0071 was paid.',
      'Invoice 2025-0017 was paid.',
      'Article 5(2) was changed.',
      'Article 5(3) was changed.',
    ],
    queries: [
      ['invoice 2024-0071', 1],
      ['2025-0017', 2],
      ['invoice 20240017', 0],
      ['article 5(3)', 4],
      ['article 5 (2)', 3],
    ],
  },
  {
    texts: ['Room B12 is free.', 'Room B21 is free.', 'Room 12B is free.', 'Form 1040-EZ is due.', 'Form 1040 is due.'],
    queries: [
      ['room b21', 1],
      ['room 12b', 2],
      ['room B12', 0],
      ['1040EZ', 3],
      ['form 1040-ez', 3],
    ],
  },
  {
    texts: ['The tank holds 1,000 litres.', 'The tank holds 1,500 litres.', 'Der Tank fasst 10.000 Liter.'],
    queries: [
      ['tank 1000', 0],
      ['1500 litres', 1],
      ['1,500 litres', 1],
      ['tank 10000', 2],
    ],
  },
  {
    texts: ['Use the screw M8x40.', 'Use the screw M8x45.', 'Use the screw M6x40.', 'The screen has 1920x1080 points.'],
    queries: [
      ['M8x40', 0],
      ['M8 x 40', 0],
      ['M8×45', 1],
      ['m6x40', 2],
      ['1920 × 1080', 3],
    ],
  },
  {
    texts: ['한국의 수도는 서울이다.', '부산은 항구 도시이다.', '제주도는 섬이다.', '인공지능을 연구하는 서울대학교'],
    queries: [
      ['한국 수도', 0],
      ['수도가 어디', 0],
      ['부산에 있는 항구', 1],
      ['제주도', 2],
      ['인공 지능', 3],
      ['대학교', 3],
    ],
  },
  {
    texts: [
      'Gießen liegt an der Lahn.',
      'Die Strasse nach Köln ist gesperrt.',
      'Ærø er en ø i Danmark.',
      'Łódź leży w Polsce.',
    ],
    queries: [
      ['Giessen', 0],
      ['Straße', 1],
      ['Straßen', 1],
      ['Aero', 2],
      ['Lodz', 3],
    ],
  },
  {
    texts: [
      'The server runs Node.js 24.',
      'The server runs PostgreSQL 16.',
      'The password is changed weekly.',
      'Die Reisekostenabrechnung kommt im März.',
    ],
    queries: [
      ['nodejs', 0],
      ['node24', 0],
      ['postgresql16', 1],
      ['pass word', 2],
      ['Reisekosten Abrechnung', 3],
      ['wordpass', undefined],
    ],
  },
]

for (const { texts, queries } of CASES) {
  test(`these are told apart: ${queries.map(([query]) => query).join(', ')}`, async (t) => {
    const { add, names } = await freshLibrary(t)
    // The last letter of a file's name is no word of its text.
    for (const [number, text] of texts.entries()) await add(`text${'abcdefgh'[number]}.txt`, text)
    for (const [query, number] of queries) {
      const expected = number === undefined ? undefined : `text${'abcdefgh'[number]}.txt`
      assert.equal((await names(query))[0], expected, query)
    }
  })
}
