/** Languages as people name them (BCP 47, ISO 639) to the packs of Tesseract, which are named by ISO 639-2/T and script. */

// biome-ignore format: one row a line would be a page of noise.
const PACKS: Record<string, string> = {
  af: 'afr', am: 'amh', ar: 'ara', as: 'asm', az: 'aze', be: 'bel', bn: 'ben', bo: 'bod', bs: 'bos', br: 'bre', bg: 'bul',
  ca: 'cat', cs: 'ces', cy: 'cym', da: 'dan', de: 'deu', dz: 'dzo', el: 'ell', en: 'eng', eo: 'epo', et: 'est', eu: 'eus',
  fa: 'fas', fi: 'fin', fo: 'fao', fr: 'fra', fy: 'fry', ga: 'gle', gd: 'gla', gl: 'glg', gu: 'guj', ht: 'hat', he: 'heb',
  hi: 'hin', hr: 'hrv', hu: 'hun', hy: 'hye', id: 'ind', is: 'isl', it: 'ita', ja: 'jpn', jv: 'jav', ka: 'kat', kk: 'kaz',
  km: 'khm', kn: 'kan', ko: 'kor', ku: 'kmr', ky: 'kir', la: 'lat', lb: 'ltz', lo: 'lao', lt: 'lit', lv: 'lav', mi: 'mri',
  mk: 'mkd', ml: 'mal', mn: 'mon', mr: 'mar', ms: 'msa', mt: 'mlt', my: 'mya', nb: 'nor', ne: 'nep', nl: 'nld', nn: 'nor',
  no: 'nor', oc: 'oci', or: 'ori', pa: 'pan', pl: 'pol', ps: 'pus', pt: 'por', qu: 'que', ro: 'ron', ru: 'rus', sa: 'san',
  sd: 'snd', si: 'sin', sk: 'slk', sl: 'slv', sq: 'sqi', sr: 'srp', su: 'sun', sv: 'swe', sw: 'swa', ta: 'tam', te: 'tel',
  tg: 'tgk', th: 'tha', ti: 'tir', tl: 'tgl', to: 'ton', tr: 'tur', tt: 'tat', ug: 'uig', uk: 'ukr', ur: 'urd', uz: 'uzb',
  vi: 'vie', yi: 'yid', yo: 'yor', zh: 'chi_sim',
}

/** Packs joined as Tesseract wants them (`deu+eng`); undefined when one of them is not installed. */
export function packsFor(language: string, installed: readonly string[]): string | undefined {
  const packs = language.split('+').map((tag) => packFor(tag.trim(), installed))
  return packs.every((pack) => pack !== undefined) ? [...new Set(packs)].join('+') : undefined
}

function packFor(tag: string, installed: readonly string[]): string | undefined {
  if (tag !== 'osd' && installed.includes(tag)) return tag // Who knows the packs may name one.
  const [language, ...rest] = tag.toLowerCase().split(/[-_]/)
  const traditional = rest.some((part) => ['hant', 'tw', 'hk', 'mo'].includes(part))
  const pack = language === 'zh' && traditional ? 'chi_tra' : (PACKS[language ?? ''] ?? language)
  return pack && installed.includes(pack) ? pack : undefined
}
