/**
 * The chat that is open. An answer belongs to the server: leaving the chat, the page or the line ends the reading of it and
 * nothing else. Questions that wait for their turn keep their chat alive here until they have been asked.
 */
import { computed, type Signal, signal } from '@preact/signals'
import { ask, follow, type Reader } from '../answer-stream.ts'
import { api, asRequestError } from '../api-client.ts'
import { type Chosen, pathOf } from '../branches.ts'
import { t } from '../messages.ts'
import type { AnswerEvent, MessageAnswer } from '../wire.ts'
import { chatOfAddress, goTo, leaveAddress } from './address.ts'
import { announce } from './announcer.ts'
import { addChat, tellWindows } from './chats.ts'
import { namedChoice } from './choice.ts'
import { beingRead } from './documents.ts'
import { applyEvent, createExchange, createWriter, type Exchange, endOf, isBusy } from './exchange.ts'
import { createRecord, type HistoryRecord, joinHistory } from './history.ts'
import { endSession, isSignedOut } from './session.ts'
import { isWebWanted } from './web-choice.ts'

export type HistoryState =
  | { readonly state: 'loading' }
  | { readonly state: 'shown' }
  | { readonly state: 'failed'; readonly reason: string; readonly isGone: boolean }

export interface Conversation {
  /** Of the chat; null until the first question is asked. */
  readonly id: Signal<string | null>
  /** All of them, in the order in which they were asked. */
  readonly exchanges: Signal<readonly Exchange[]>
  /** Where another than the newest version is shown. */
  readonly chosen: Signal<Chosen>
  readonly record: HistoryRecord
  readonly history: Signal<HistoryState>
  /** Where what was said earlier begins. */
  readonly earlier: Signal<string | null>
  /** Ends the reading. */
  readonly leave: AbortController
}

export const opened = signal<Conversation>(createConversation(null))
/** An exchange where it stands among its versions. */
export type ShownPlace = (typeof path)['value'][number]

/** What is shown of it. */
export const path = computed(() =>
  pathOf(
    opened.value.exchanges.value.map((exchange) => ({
      exchange,
      key: exchange.key,
      questionId: exchange.questionId.value,
      editOf: exchange.editOf,
    })),
    opened.value.chosen.value,
  ),
)
export const exchanges = computed(() => path.value.map(({ shown }) => shown.exchange))
/** The exchange whose answer is being written. */
export const current = computed(() => opened.value.exchanges.value.findLast(isBusy) ?? null)

/** Of the chat that the next first question makes; undefined for the active one. */
export const newChatPersona = signal<string | null | undefined>(undefined)

/** Chats that were left with questions that the server does not have yet. */
const waiting = new Set<Conversation>()
/** Answers that are to be stopped as soon as they have a name. */
const unwanted = new WeakSet<Exchange>()

/** Shows the chat of the address, or a new one. */
export function openAddressed(): void {
  show(chatOfAddress())
}

export function openChat(chatId: string | null): void {
  goTo(chatId)
  show(chatId)
}

function show(chatId: string | null): void {
  const before = opened.peek()
  if (before.id.peek() === chatId && (chatId !== null || before.exchanges.peek().length === 0)) return
  leave(before)
  const kept = [...waiting].find(({ id }) => id.peek() === chatId)
  if (kept !== undefined) waiting.delete(kept)
  opened.value = kept ?? createConversation(chatId)
  if (kept === undefined && chatId !== null) void loadHistory()
}

function leave(conversation: Conversation): void {
  const isWaited = conversation.exchanges
    .peek()
    .some((exchange) => exchange.state.peek() === 'queued' || (isBusy(exchange) && exchange.messageId === null))
  if (isWaited) waiting.add(conversation)
  else conversation.leave.abort()
}

/** For the next person at this browser, and for a chat that is deleted. */
export function forgetConversations(): void {
  for (const conversation of [opened.peek(), ...waiting]) conversation.leave.abort()
  waiting.clear()
  opened.value = createConversation(null)
}

export function forgetChat(chatId: string): void {
  if (opened.peek().id.peek() !== chatId) return
  opened.peek().leave.abort()
  opened.value = createConversation(null)
  leaveAddress()
}

function createConversation(id: string | null): Conversation {
  return {
    id: signal(id),
    exchanges: signal([]),
    chosen: signal(new Map()),
    record: createRecord(),
    history: signal(id === null ? { state: 'shown' } : { state: 'loading' }),
    earlier: signal(null),
    leave: new AbortController(),
  }
}

export async function loadHistory(): Promise<void> {
  const conversation = opened.peek()
  conversation.history.value = { state: 'loading' }
  await readHistory(conversation, null)
}

export async function loadEarlier(): Promise<void> {
  const conversation = opened.peek()
  await readHistory(conversation, conversation.earlier.peek())
}

async function readHistory(conversation: Conversation, cursor: string | null): Promise<void> {
  const { id, earlier, history, leave } = conversation
  try {
    const { items, nextCursor } = await api.messages(id.peek()!, cursor, leave.signal)
    const { all, busy } = joinHistory(conversation.exchanges.peek(), conversation.record, items)
    conversation.exchanges.value = all
    for (const exchange of busy) void readOn(conversation, exchange)
    if (cursor !== null || history.peek().state !== 'shown') earlier.value = nextCursor
    history.value = { state: 'shown' }
  } catch (error) {
    if (leave.signal.aborted) return
    const { code, message } = asRequestError(error)
    if (isSignedOut(error)) endSession()
    else if (cursor !== null) announce(message)
    else history.value = { state: 'failed', reason: message, isGone: code === 'not_found' }
  }
}

/** Answered at once, or when those that were asked before have been answered. */
export function askQuestion(question: string, { isOfWeb = isWebWanted.peek() } = {}): void {
  const conversation = opened.peek()
  const unread = beingRead.value.map(({ view }) => view.value.name)
  conversation.chosen.value = new Map() // What is asked follows the newest.
  conversation.exchanges.value = [...conversation.exchanges.value, createExchange(question, { unread, isOfWeb })]
  void answerNext(conversation)
}

/** Takes back what waits for its turn. */
export function withdraw(exchange: Exchange): void {
  const { exchanges } = opened.peek()
  exchanges.value = exchanges.value.filter((other) => other !== exchange)
}

async function answerNext(conversation: Conversation): Promise<void> {
  const all = conversation.exchanges.peek()
  const exchange = all.find(({ state }) => state.peek() === 'queued')
  if (exchange === undefined) {
    // The last one that kept the chat alive has been asked: nobody looks at the rest.
    if (waiting.delete(conversation)) conversation.leave.abort()
    return
  }
  if (all.some(isBusy)) return
  exchange.state.value = 'searching'
  announce(t.announce.answerStarted)
  await read(conversation, exchange, async function* () {
    const chatId = conversation.id.peek() ?? (await begin(conversation, exchange.question))
    const web = exchange.isOfWeb ? ({ web: true } as const) : {}
    yield* ask(chatId, { content: exchange.question, ...namedChoice(), ...web }, readerOf(conversation))
  })
}

/** What waits for its turn is asked whether or not somebody looks. */
function readerOf({ leave, exchanges }: Conversation): Reader {
  return {
    signal: leave.signal,
    mayPause: () => !exchanges.peek().some(({ state }) => state.peek() === 'queued'),
  }
}

/** The first question makes the chat, and its title. */
async function begin(conversation: Conversation, question: string): Promise<string> {
  const chat = await api.createChat([...question].slice(0, TITLE_CHARACTERS_MAX).join(''), newChatPersona.peek())
  conversation.id.value = chat.id
  addChat(chat)
  if (opened.peek() === conversation) goTo(chat.id)
  return chat.id
}

/** More than the server keeps of it. */
const TITLE_CHARACTERS_MAX = 200

/** An answer that was asked for before this window was there, or that is written again. */
function readOn(conversation: Conversation, exchange: Exchange): Promise<void> {
  const chatId = conversation.id.peek()!
  return read(conversation, exchange, () => follow(chatId, exchange.messageId!, readerOf(conversation)))
}

async function read(
  conversation: Conversation,
  exchange: Exchange,
  events: () => AsyncGenerator<AnswerEvent>,
): Promise<void> {
  const { signal } = conversation.leave
  const writer = createWriter(exchange)
  try {
    for await (const event of events()) {
      applyEvent(exchange, event, writer)
      if (event.type === 'answer-start') onStarted(conversation, exchange)
    }
  } catch (error) {
    if (signal.aborted) return
    writer.flush()
    exchange.state.value = 'failed'
    exchange.error.value = asRequestError(error).message
    if (isSignedOut(error)) endSession()
  }
  if (signal.aborted) return
  if (conversation === opened.peek()) announce(endOf(exchange))
  await answerNext(conversation)
}

function onStarted({ id }: Conversation, exchange: Exchange): void {
  tellWindows({ type: 'said', chatId: id.peek()! })
  if (unwanted.delete(exchange)) void stopAnswer(id.peek()!, exchange.messageId!)
}

/** What was written is kept; the stream says when it has ended. */
export function stop(): void {
  const exchange = current.peek()
  if (exchange === null) return
  if (exchange.messageId === null) unwanted.add(exchange)
  else void stopAnswer(opened.peek().id.peek()!, exchange.messageId)
}

async function stopAnswer(chatId: string, messageId: string): Promise<void> {
  await api.stopAnswer(chatId, messageId).catch((error) => announce(asRequestError(error).message))
}

/** Goes on with an interrupted answer; perhaps another window does already. */
export async function continueAnswer(exchange: Exchange): Promise<void> {
  const conversation = opened.peek()
  const chatId = conversation.id.peek()
  if (chatId === null || exchange.messageId === null) return
  exchange.state.value = 'searching'
  exchange.error.value = null
  announce(t.announce.answerContinues)
  try {
    await api.continueAnswer(chatId, exchange.messageId)
  } catch (error) {
    if (asRequestError(error).code !== 'conflict') {
      exchange.state.value = 'interrupted'
      exchange.error.value = asRequestError(error).message
      return
    }
  }
  await readOn(conversation, exchange)
}

/** Another answer to the same question. Throws what kept it from being begun. */
export async function regenerate(exchange: Exchange): Promise<void> {
  const { id } = opened.peek()
  await beginVersion(exchange.question, exchange.editOf, () => api.regenerateAnswer(id.peek()!, exchange.messageId!))
}

/** Asks a question anew. Throws what kept it from being begun. */
export async function editQuestion(exchange: Exchange, question: string): Promise<void> {
  const { id } = opened.peek()
  const { value: questionId } = exchange.questionId
  await beginVersion(question, questionId, () =>
    api.editQuestion(id.peek()!, questionId!, { content: question, ...namedChoice() }),
  )
}

async function beginVersion(question: string, editOf: string | null, ask: () => Promise<MessageAnswer>): Promise<void> {
  const conversation = opened.peek()
  const answer = await ask()
  const exchange = createExchange(question, { editOf })
  exchange.messageId = answer.id
  exchange.questionId.value = answer.questionId
  exchange.state.value = 'searching'
  conversation.chosen.value = new Map()
  conversation.exchanges.value = [...conversation.exchanges.value, exchange]
  announce(t.announce.answerStarted)
  void readOn(conversation, exchange)
}

/** Shows another version of a question or of its answer: `of` and `version` as `Place` names them. */
export function choose(of: string, version: string | number): void {
  const { chosen } = opened.peek()
  chosen.value = new Map([...chosen.peek(), [of, version]])
}

/** Something was said in a chat, in another window of this browser. */
export function hearFromWindow(chatId: string): void {
  const conversation = opened.peek()
  if (conversation.id.peek() === chatId && conversation.history.peek().state === 'shown') {
    void readHistory(conversation, null)
  }
}
