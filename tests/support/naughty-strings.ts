/** Texts that break what handles text carelessly, by what they are meant to break; for queries, names and whatever people type. */

const OPERATORS =
  '" \' ` * ( ) ^ : - + ~ { } [ ] | & ! ? @ # $ % \\ / < > = , ; . _ AND OR NOT NEAR NEAR( NEAR/2 {title}: title: text: scope: rank rowid lexical_1 name: collection: type: after: before: "" \'\' "" "" (()) )( {} "a" OR'.split(
    ' ',
  )
const VALUES =
  'undefined null NULL nil NaN Infinity -Infinity true false 0 -0 1e1000 0x1F 1/0 $1.00 -1 1;2 .5 1,000.00 9223372036854775808 00000000000000000000001 2026-02-31 9999-99-99 hasOwnProperty __proto__ constructor toString'.split(
    ' ',
  )
const SQL = [
  "'; DROP TABLE passages; --",
  "1' OR '1'='1",
  '1 UNION SELECT name FROM sqlite_master',
  "x' AND rowid IN (SELECT id FROM passages) --",
  "' || (SELECT password_hash FROM users) || '",
  '?1 ?2 :a @b $c',
  "lexical_1('optimize')",
  '/* */ -- #',
  '%s %d %n %_ [a-z] \\% LIKE GLOB',
]
const MARKUP = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '&lt;&amp;&#0;&#x110000;',
  '{{7*7}} <%= 7*7 %> #{7*7} $'.concat('{7*7}'),
  '../../../etc/passwd',
  '%00%0a%0d%2e%2e',
  'file:///etc/passwd',
  '() { :; }; echo x',
  '$(touch /tmp/x) `touch /tmp/x`',
  '\u001b[31mred\u001b[0m',
]
const CHARACTERS = [
  ...Array.from({ length: 33 }, (_, code) => String.fromCharCode(code)),
  ...'\u007f\u0080\u009f\u00a0\u00ad\u034f\u061c\u115f\u17b4\u180e\u2000\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\u3000\u3164\ufe0f\ufeff\uffa0\ufff9\ufffc\ufffd\ufffe\uffff',
  '\ud800',
  '\udfff',
  '\ud800\ud800',
  '\udc00\ud800',
  '\u{e0001}',
  '\u{10ffff}',
  '\u{1d7d8}\u{1d400}',
]
const SCRIPTS = [
  'Ω≈ç√∫˜µ≤≥÷',
  'åß∂ƒ©˙∆˚¬…æ',
  '田中さんにあげて下さい',
  '部落格',
  '사회과학원 어학연구소',
  '찦차를 타고 온 펲시맨과',
  'הָיְתָהtestالصفحات التّحول',
  '﷽',
  'مُنَاقَشَةُ سُبُلِ اِسْتِخْدَامِ اللُّغَةِ',
  'กรุงเทพฯ มหานคร',
  'ကမ္ဘာ့ဘဏ်',
  'ខ្មែរ ភាសា',
  'ພາສາລາວ',
  'தமிழ் மொழி',
  'हिन्दी देवनागरी',
  'ᚠᛇᚻ᛫ᛒᛦᚦ',
  'T̗̺̖̹̯͓Ṯ̤͍̥͇͈h̲́e͏͓̼̗̙̼̣͔ ͇̜̱̠͓͍ͅN͕͠e̗̱z̘̝̜̺͙p̤̺̹͍̯͚e̠̻̠͜r̨̤͍̺̖͔̖̖d̠̟̭̬̝͟i̦͖̩͓͔̤a̠̗̬͉̙n͚͜ ̻̞̰͚ͅh̵͉i̳̞v̢͇ḙ͎͟-҉̭̩̼͔m̤̭̫i͕͇̝̦n̗͙ḍ̟ ̯̲͕͞ǫ̟̯̰̲͙̻̝f',
  '𝔱𝔥𝔢 𝖖𝖚𝖎𝖈𝖐 𝓫𝓻𝓸𝔀𝓷 𝟙𝟚𝟛',
  '⒯⒣⒠ ㎏ № ½ ﬁ ĿL İı ẞß',
  '˙ɐnbᴉlɐ ɐuƃɐɯ',
  '👾 🙇 💁 🏳️‍🌈 👩‍👩‍👧‍👦 🇺🇸🇷🇺',
  '( ͡° ͜ʖ ͡°) ¯\\_(ツ)_/¯',
  '١٢٣ ४५६ 一二三 Ⅻ',
]
const LONG = [
  'a'.repeat(5000),
  '漢'.repeat(3000),
  'é'.repeat(3000),
  'e\u0301'.repeat(2000),
  'a\u0301'.padEnd(3000, '\u0301'),
  '👾'.repeat(1500),
  'กขค'.repeat(900),
  '-a '.repeat(1500),
  '"a" '.repeat(1200),
  'name:a '.repeat(700),
  'aB'.repeat(2000),
  '1a'.repeat(2000),
  'a-'.repeat(2000),
  'C++'.repeat(1500),
  '"'.repeat(4000),
  'name:?'.padEnd(4000, '?'),
  'a_b-c '.repeat(800),
]
/** Each sign also inside, before and after words. */
const FRAMES = [
  (sign: string) => `moon${sign}`,
  (sign: string) => `${sign}moon ${sign} landing${sign}`,
  (sign: string) => `"moon ${sign}" -${sign} name:"${sign}"`,
  (sign: string) => sign.repeat(50),
]

const PLAIN = [...OPERATORS, ...VALUES, ...SQL, ...MARKUP, ...CHARACTERS, ...SCRIPTS, ...LONG, '']

export const NAUGHTY_STRINGS: readonly string[] = [
  ...new Set([...PLAIN, ...[...OPERATORS, ...CHARACTERS].flatMap((sign) => FRAMES.map((frame) => frame(sign)))]),
]
