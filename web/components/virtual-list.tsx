/**
 * A list of any length of which only what is in sight is drawn. Rows may be of any height: each is measured when it is drawn,
 * and until then taken for as high as the first ones are in the middle. The row that has the focus stays, however far it is scrolled away.
 */
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'

interface VirtualListProps<T> {
  items: readonly T[]
  keyOf(item: T): string
  /** px, as long as none was drawn. */
  rowHeight: number
  children(item: T): ComponentChildren
  /** Called when the last rows come into sight. */
  onEnd?(): void
}

/** Rows drawn beyond each edge, so that a quick hand does not outrun the drawing. */
const OVERSCAN = 4
/** So many rows before the end, more of the list is asked for. */
const END_ROWS = 40

export function VirtualList<T>({ items, keyOf, rowHeight, children, onEnd }: VirtualListProps<T>) {
  const list = useRef<HTMLUListElement>(null)
  const scroller = useRef<Element>(null)
  const heights = useRef(new Map<string, number>()).current
  /** Once and for all: what was scrolled over unseen must not move what is seen. */
  const usual = useRef<number | undefined>(undefined)
  const measured = useSignal(0)
  const range = useSignal({ from: 0, to: 2 * OVERSCAN })
  const focused = useSignal<string | null>(null)
  const tops = useMemo(
    () => topsOf(items, (item) => heights.get(keyOf(item)) ?? usual.current ?? rowHeight),
    [items, measured.value, rowHeight],
  )

  const look = () => {
    const { current } = list
    if (current === null) return
    scroller.current ??= scrollerOf(current)
    const above = scroller.current.getBoundingClientRect().top - current.getBoundingClientRect().top
    const from = Math.max(0, indexAt(tops, above) - OVERSCAN)
    const to = Math.min(items.length, indexAt(tops, above + scroller.current.clientHeight) + 1 + OVERSCAN)
    const now = range.peek()
    if (now.from !== from || now.to !== to) range.value = { from, to }
    if (to > items.length - END_ROWS) onEnd?.()
  }
  const lookNow = useRef(look)
  lookNow.current = look
  useLayoutEffect(() => lookNow.current(), [tops])

  const note = (rows: Iterable<readonly [row: Element, height: number]>) => {
    let isChanged = false
    for (const [row, height] of rows) {
      const { key } = (row as HTMLElement).dataset
      if (key === undefined || height === 0 || heights.get(key) === height) continue
      heights.set(key, height)
      isChanged = true
    }
    if (!isChanged) return
    usual.current ??= middleOf([...heights.values()])
    measured.value++
  }
  const noteNow = useRef(note)
  noteNow.current = note
  const ruler = useMemo(
    () =>
      new ResizeObserver((entries) =>
        noteNow.current(entries.map(({ target, borderBoxSize: [box] }) => [target, box?.blockSize ?? 0])),
      ),
    [],
  )
  useEffect(() => {
    const around = scrollerOf(list.current!)
    const onMove = () => lookNow.current()
    const window = new ResizeObserver(onMove)
    window.observe(around)
    around.addEventListener('scroll', onMove, { passive: true })
    return () => {
      around.removeEventListener('scroll', onMove)
      window.disconnect()
      ruler.disconnect()
    }
  }, [ruler])

  const { from, to } = range.value
  // The ruler tells of what was painted already: rows that are higher or lower than was thought would be seen to move those below.
  useLayoutEffect(() => {
    const drawn = [...list.current!.children].filter((row) => !heights.has((row as HTMLElement).dataset['key']!))
    note(drawn.map((row) => [row, row.getBoundingClientRect().height]))
  }, [from, to, items])
  const drawn = items.slice(from, to).map((item, i) => ({ item, index: from + i }))
  const kept = focused.value === null ? -1 : items.findIndex((item) => keyOf(item) === focused.value)
  if (kept >= 0 && kept < from) drawn.unshift({ item: items[kept]!, index: kept })
  if (kept >= to) drawn.push({ item: items[kept]!, index: kept })
  return (
    <ul ref={list} class="virtual-list" style={{ blockSize: `${tops[items.length]}px` }}>
      {drawn.map(({ item, index }) => (
        <VirtualRow
          key={keyOf(item)}
          name={keyOf(item)}
          ruler={ruler}
          top={tops[index]!}
          position={index + 1}
          size={items.length}
          onFocus={(isFocused) => {
            focused.value = isFocused ? keyOf(item) : null
          }}
        >
          {children(item)}
        </VirtualRow>
      ))}
    </ul>
  )
}

interface VirtualRowProps {
  name: string
  ruler: ResizeObserver
  top: number
  position: number
  size: number
  onFocus(isFocused: boolean): void
  children: ComponentChildren
}

function VirtualRow({ name, ruler, top, position, size, onFocus, children }: VirtualRowProps) {
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    const { current } = row
    if (current === null) return
    ruler.observe(current)
    return () => ruler.unobserve(current)
  }, [ruler])
  return (
    <li
      ref={row}
      data-key={name}
      aria-posinset={position}
      aria-setsize={size}
      style={{ insetBlockStart: `${top}px` }}
      onFocusIn={() => onFocus(true)}
      onFocusOut={() => onFocus(false)}
    >
      {children}
    </li>
  )
}

function middleOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

/** Where each row begins, and last where the list ends. */
function topsOf<T>(items: readonly T[], heightOf: (item: T) => number): Float64Array {
  const tops = new Float64Array(items.length + 1)
  for (let i = 0; i < items.length; i++) tops[i + 1] = tops[i]! + heightOf(items[i]!)
  return tops
}

/** The row at this height; the first or last one beyond the ends. */
function indexAt(tops: Float64Array, y: number): number {
  let [low, high] = [0, Math.max(0, tops.length - 2)]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (tops[middle]! <= y) low = middle
    else high = middle - 1
  }
  return low
}

function scrollerOf(element: Element): Element {
  let { parentElement: parent } = element
  while (parent !== null && !/auto|scroll/.test(getComputedStyle(parent).overflowY)) parent = parent.parentElement
  return parent ?? document.documentElement
}
