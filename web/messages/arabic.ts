import type { Translation } from '../messages.ts'

export const arabic: Translation = {}
