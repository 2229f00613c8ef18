import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guessEncoding } from './encoding-guess.ts'

const CASES: [language: string, hex: string, text: string][] = [
  [
    'German in cp1252',
    '4469652053747261df6520fc6265722064656e20466c75df2066fc687274207a75722042fc63686572656920616d20616c74656e20486166656e2e',
    'Die Straße über den Fluß führt zur Bücherei am alten Hafen.',
  ],
  [
    'French in cp1252',
    '4c92e974e92c206c61206269626c696f7468e8717565206665726de96520e02063f474e9206475207468e9e274726520726f75767269726120617072e873204e6feb6c2e',
    'L’été, la bibliothèque fermée à côté du théâtre rouvrira après Noël.',
  ],
  [
    'Polish in cp1250',
    '5a61bff3b3e62067ea9c6cb9206a619ff12e2050f36a649f2c206b69f1bf652074ea2063686d75726e6f9ce620772067b3b96220666c61737a792e',
    'Zażółć gęślą jaźń. Pójdź, kińże tę chmurność w głąb flaszy.',
  ],
  [
    'Czech in cp1250',
    '50f8ed6c699a209e6c759d6f75e86bfd206bf9f220fa70ec6c20efe162656c736be920f364792e',
    'Příliš žluťoučký kůň úpěl ďábelské ódy.',
  ],
  [
    'Russian in cp1251',
    'c1e8e1ebe8eef2e5eae020e220f1f2e0f0eee920e3e0e2e0ede820eef2eaf0fbf2e020efee20e1f3e4edffec20f120e4e5e2fff2e820f7e0f1eee22e',
    'Библиотека в старой гавани открыта по будням с девяти часов.',
  ],
  [
    'Russian in cp866',
    '81a8a1aba8aee2a5aaa020a220e1e2a0e0aea920a3a0a2a0ada820aee2aae0ebe2a020afae20a1e3a4adefac20e120a4a5a2efe2a820e7a0e1aea22e',
    'Библиотека в старой гавани открыта по будням с девяти часов.',
  ],
  [
    'Russian in koi8-r',
    'e2c9c2ccc9cfd4c5cbc120d720d3d4c1d2cfca20c7c1d7c1cec920cfd4cbd2d9d4c120d0cf20c2d5c4ced1cd20d320c4c5d7d1d4c920dec1d3cfd72e',
    'Библиотека в старой гавани открыта по будням с девяти часов.',
  ],
  [
    'Greek in cp1253',
    'c720e2e9e2ebe9efe8deeae720f4eff520f0e1ebe9effd20ebe9ece1ede9effd20e1edefdfe3e5e920f3f4e9f220e5ededdde12e',
    'Η βιβλιοθήκη του παλιού λιμανιού ανοίγει στις εννέα.',
  ],
  [
    'Arabic in cp1256',
    'caddcacd20c7e1e3dfcac8c920dded20c7e1e3d1ddc320c7e1decfede320c3c8e6c7c8e5c720dded20c7e1d3c7dac920c7e1cac7d3dac92e',
    'تفتح المكتبة في المرفأ القديم أبوابها في الساعة التاسعة.',
  ],
  [
    'Hebrew in cp1255',
    'e4f1f4f8e9e9e420e1f0eeec20e4e9f9ef20f0f4fae7fa20e1f9f2e420faf9f220e1e1e5f7f82e',
    'הספרייה בנמל הישן נפתחת בשעה תשע בבוקר.',
  ],
  [
    'Japanese in shift_jis',
    '8cc382a28d6082cc907d8f918ad982cd95bd93fa82cc8be38e9e82c98a4a82ab82dc82b781428cae82cd94d4906c82aa8e9d82c182c482a282dc82b78142',
    '古い港の図書館は平日の九時に開きます。鍵は番人が持っています。',
  ],
  [
    'Chinese in gb18030',
    'bec9b8dbbfdab5c4cdbccae9b9ddd4dab9a4d7f7c8d5bec5b5e3bfaac3c5a1a3d4bfb3d7d3c9b9dcc0edd4b1b1a3b9dca1a3',
    '旧港口的图书馆在工作日九点开门。钥匙由管理员保管。',
  ],
]

for (const [what, hex, text] of CASES) {
  test(`${what} is guessed from its bytes`, () => {
    const bytes = Buffer.from(hex, 'hex')
    assert.equal(new TextDecoder(guessEncoding(bytes)).decode(bytes), text)
  })
}
