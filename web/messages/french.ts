import type { Translation } from '../messages.ts'

export const french: Translation = {}
