import type { Translation } from '../messages.ts'

export const german: Translation = {}
