/** Strokes on a grid of 24. Always beside words or in a button that has a name, so never read out. */
const PATHS = {
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  bin: 'M4 7h16M10 4h4M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5a2 2 0 1 1 0 4a2 2 0 1 1 0-4M9 15a2 2 0 1 1 0 4a2 2 0 1 1 0-4',
  pencil: 'M5 19l1-4L16.5 4.5l3 3L9 18zM14 7l3 3',
  send: 'M12 19V6M6 12l6-6 6 6',
  stop: 'M7 7h10v10H7z',
  previous: 'M14.5 6l-6 6 6 6',
  next: 'M9.5 6l6 6-6 6',
  check: 'M5.5 12.5l4.5 4.5 8.5-10',
  alert: 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17M12 8v4.5M12 15.8v.2',
  page: 'M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5',
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 3-2.5 4 3.5M15.5 8a1 1 0 1 0 0 2a1 1 0 1 0 0-2',
  chat: 'M4 5h16v11h-8l-5 4v-4H4z',
  again: 'M19 12a7 7 0 1 1-2-5M17 3v4h-4',
  print: 'M7 8V4h10v4M7 17H4V9h16v8h-3M7 14h10v6H7z',
  more: 'M4.9 12a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0M11.4 12a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0M17.9 12a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0',
  folder: 'M3.5 6h6l2 2.5h9V19h-17z',
  text: 'M5 6h14M5 11h14M5 16h8',
  listen: 'M4 10v4h3l5 4V6l-5 4zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  up: 'M8 11v9H5v-9zM8 12l4-8c2.5 0 2.5 2 2 5h4.5c1 0 1.5.8 1.3 1.7l-1.7 7.8c-.2.9-.9 1.5-1.8 1.5H8',
  down: 'M16 13V4h3v9zM16 12l-4 8c-2.5 0-2.5-2-2-5H5.5c-1 0-1.5-.8-1.3-1.7l1.7-7.8C6.1 4.6 6.8 4 7.7 4H16',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v5',
  save: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
} as const

export type IconName = keyof typeof PATHS

/** Those that point along the line. */
const ALONG: readonly IconName[] = ['previous', 'next', 'listen']

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" data-points={ALONG.includes(name) ? 'along' : undefined}>
      <path d={PATHS[name]} />
    </svg>
  )
}
