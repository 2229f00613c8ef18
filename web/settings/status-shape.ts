/** Reads what the supervisor says of itself, which grows with every version. */
export function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
