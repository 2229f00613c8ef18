import type { Translation } from '../messages.ts'

export const chinese: Translation = {}
