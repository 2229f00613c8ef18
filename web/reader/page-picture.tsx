/** The picture of a page with the quoted words marked on it. Loaded when the first page with a picture is opened. */
import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { api, asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import { type Place, zoom } from '../state/reader.ts'
import type { PageAnswer } from '../wire.ts'
import { around, type Box, boxesOf } from './highlights.ts'

/** Pixels: the server draws in few steps, and so does whoever asks, that a picture is found where it lies. */
const WIDTH_STEP = 400
const WIDTH_MAX = 2400
/** A4 upright, for pages whose size is not known. */
const PAPER = { width: 595, height: 842 }
/** Pixels. */
const SCROLL_MARGIN = 16
const RETRIES_MAX = 20
const RETRY_AFTER_S = 5

interface Props {
  page: PageAnswer
  name: string
  mark: Place['mark']
}

export function PagePicture({ page, name, mark }: Props) {
  const scroller = useRef<HTMLElement>(null)
  const width = useSignal(0)
  // Of the paper, as soon as it is known: the place is held before the picture comes.
  const paper = useSignal(
    page.width !== null && page.height !== null ? { width: page.width, height: page.height } : PAPER,
  )
  const boxes = mark === null ? [] : boxesOf(page.words ?? [], mark)
  const factor = zoom.value
  const place = around(boxes)

  useLayoutEffect(() => {
    const { current } = scroller
    if (current === null) return
    const measure = () => {
      width.value = current.clientWidth
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    if (scroller.current !== null) bringIntoView(scroller.current, place, paper.peek())
  }, [page, mark?.start, mark?.end, factor, width.value === 0])

  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
    <section ref={scroller} class="page-picture" tabIndex={0} aria-label={t.page(page.page, null)}>
      <figure
        class="sheet"
        style={{ inlineSize: `${factor * 100}%`, aspectRatio: `${paper.value.width} / ${paper.value.height}` }}
      >
        {width.value > 0 && (
          <Picture
            key={`${page.documentId} ${page.page}`}
            page={page}
            width={widthStep(width.value * factor * devicePixelRatio)}
            alt={t.pictureOf(page.page, name)}
            onSize={(size) => {
              if (page.width === null) paper.value = size
            }}
          />
        )}
        <svg class="page-marks" viewBox={`0 0 ${paper.value.width} ${paper.value.height}`} aria-hidden="true">
          {boxes.map((box) => (
            <rect key={`${box.x} ${box.y}`} {...box} />
          ))}
        </svg>
        {mark !== null && (
          <figcaption class="unseen">{t.markedWords(page.text.slice(mark.start, mark.end))}</figcaption>
        )}
      </figure>
    </section>
  )
}

interface PictureProps {
  page: PageAnswer
  width: number
  alt: string
  onSize(size: { width: number; height: number }): void
}

/** An image does not say why it cannot be had, so that the server is asked once more; where memory is short it comes later. */
function Picture({ page, width, alt, onSize }: PictureProps) {
  const tries = useSignal(0)
  const trouble = useSignal<string | null>(null)
  const isThere = useSignal(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const url = api.pictureUrl(page.documentId, page.page, width)

  const onError = async () => {
    const problem = await api.picture(url).then(
      () => undefined, // It is there now.
      asRequestError,
    )
    const isForLater = problem === undefined || problem.retryAfterS !== undefined || problem.code === 'unreachable'
    if (!isForLater || tries.value >= RETRIES_MAX) {
      trouble.value = problem?.message ?? t.unreachable
      return
    }
    if (problem !== undefined) trouble.value = t.pictureLater
    const waitS = problem === undefined ? 0 : (problem.retryAfterS ?? RETRY_AFTER_S)
    timer.current = setTimeout(() => {
      tries.value++
    }, waitS * 1000)
  }

  return (
    <>
      <img
        key={tries.value}
        src={url}
        alt={alt}
        decoding="async"
        data-there={isThere.value}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
          isThere.value = true
          trouble.value = null
          onSize({ width: naturalWidth, height: naturalHeight })
        }}
        onError={() => void onError()}
      />
      {trouble.value !== null && (
        <p class="picture-trouble" role="status">
          {trouble.value}
        </p>
      )}
    </>
  )
}

function widthStep(pixels: number): number {
  return Math.min(WIDTH_MAX, Math.max(WIDTH_STEP, Math.ceil(pixels / WIDTH_STEP) * WIDTH_STEP))
}

/** The quote in the middle, its beginning where it is larger than the window, or the top of the page. */
function bringIntoView(scroller: HTMLElement, place: Box | undefined, paper: { width: number; height: number }): void {
  if (place === undefined) {
    scroller.scrollTo(0, 0)
    return
  }
  const sheet = scroller.firstElementChild as HTMLElement
  const scale = sheet.clientWidth / paper.width
  const margin = (room: number, size: number) => Math.max(SCROLL_MARGIN, (room - size) / 2)
  scroller.scrollTo({
    left: sheet.offsetLeft + place.x * scale - margin(scroller.clientWidth, place.width * scale),
    top: sheet.offsetTop + place.y * scale - margin(scroller.clientHeight, place.height * scale),
  })
}
