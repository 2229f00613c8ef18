import type { Translation } from '../messages.ts'

export const spanish: Translation = {}
