/**
 * A page decides by itself where its text comes from:
 *
 *   visible text, plausible, pictures cover < 25 %     layer
 *   visible text, plausible, larger pictures           layer, and recognition of the picture areas
 *   invisible text over a full-page picture            the scan's own recognition: layer if plausible, else compare
 *   no text, something is drawn                        recognition, unless the drawing turns out blank
 *   nothing drawn                                      blank
 *   implausible text                                   compare: recognise too, take the better one
 */
import { isPlausible, type TextFacts } from './plausible.ts'

export type Decision =
  | 'layer'
  | 'layer-and-pictures'
  | 'invisible-layer'
  | 'recognise'
  | 'compare'
  | 'compare-invisible'
  | 'blank'

export interface PageFacts {
  visible: TextFacts
  invisible: TextFacts
  /** Of the page's area, by pictures of at least 100 × 100 pixels. */
  pictureShare: number
  isEmpty: boolean
  /** Share of characters that the font itself calls unmapped. */
  unmapped: number
}

const PICTURE_SHARE_MIN = 0.25
const FULL_PAGE_SHARE_MIN = 0.8
const UNMAPPED_MAX = 0.1

export function decide({ visible, invisible, pictureShare, isEmpty, unmapped }: PageFacts): Decision {
  const isMapped = unmapped <= UNMAPPED_MAX
  if (visible.characters > 0) {
    if (!isPlausible(visible) || !isMapped) return 'compare'
    return pictureShare < PICTURE_SHARE_MIN ? 'layer' : 'layer-and-pictures'
  }
  if (invisible.characters > 0 && pictureShare >= FULL_PAGE_SHARE_MIN) {
    return isPlausible(invisible) && isMapped ? 'invisible-layer' : 'compare-invisible'
  }
  return isEmpty ? 'blank' : 'recognise'
}
