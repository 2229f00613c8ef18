/** Which chat the address of the page names: `/?chat=ID`. Back and forward go through the chats that were open. */
const CHAT = 'chat'

export function addressOf(chatId: string | null): string {
  return chatId === null ? '/' : `/?${CHAT}=${encodeURIComponent(chatId)}`
}

export function chatOfAddress(): string | null {
  return new URLSearchParams(location.search).get(CHAT)
}

export function goTo(chatId: string | null): void {
  if (chatOfAddress() !== chatId) history.pushState(null, '', addressOf(chatId))
}

/** Without a trace in the history of the browser: what is deleted, or belongs to somebody else. */
export function leaveAddress(): void {
  if (chatOfAddress() !== null) history.replaceState(null, '', addressOf(null))
}
