/** Why a start was refused, in one line for people, with a code for programs. */
export type SuperviseErrorCode = 'folder_in_use' | 'address_in_use' | 'address_unusable' | 'start_refused'

/** The start was refused, in one line for people. */
export class SuperviseError extends Error {
  override readonly name = 'SuperviseError'
  readonly code: SuperviseErrorCode
  readonly exitCode: number

  constructor(code: SuperviseErrorCode, message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.exitCode = options.exitCode ?? 1
  }
}
