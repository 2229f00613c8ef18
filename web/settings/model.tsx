/** Which model writes answers. For administrators. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { asRequestError } from '../api-client.ts'
import { ChoiceField } from '../components/choice-field.tsx'
import { PasswordField, TextField } from '../components/field.tsx'
import { sentenceOf, t } from '../messages.ts'
import type { ModelAnswer, ModelChoice, ModelTestAnswer } from '../wire.ts'
import { settings } from './requests.ts'

const PROVIDERS = ['openai', 'anthropic', 'google', 'groq', 'ollama', 'openai-compatible'] as const

export function Model() {
  const model = useSignal<ModelAnswer | null>(null)
  const problem = useSignal<string | null>(null)
  const said = useSignal<string | null>(null)
  const isTesting = useSignal(false)
  const attempt = async (act: () => Promise<void>) => {
    problem.value = null
    said.value = null
    try {
      await act()
    } catch (error) {
      problem.value = asRequestError(error).message
    }
  }
  const load = () =>
    attempt(async () => {
      model.value = await settings.model()
    })
  // Loaded once, when its section is.
  useEffect(() => void load(), [])
  const test = (choice?: ModelChoice) =>
    attempt(async () => {
      isTesting.value = true
      const result = await settings.testModel(choice).finally(() => {
        isTesting.value = false
      })
      said.value = wordsOf(result)
    })
  const now = model.value
  return (
    <>
      {now !== null && (
        <p>
          <bdi>{stateOf(now)}</bdi>
        </p>
      )}
      {now !== null && now.problem !== null && <p class="problem">{now.problem}</p>}
      {now?.source === 'settings' && (
        <button type="button" class="button" aria-disabled={isTesting.value} onClick={() => void test()}>
          {t.modelTest}
        </button>
      )}
      {now !== null && now.source !== 'settings' && (
        <ModelForm
          model={now}
          test={test}
          save={(choice) =>
            attempt(async () => {
              model.value = await settings.chooseModel(choice)
              said.value = t.modelChosen
            })
          }
          forget={() =>
            attempt(async () => {
              await settings.clearModel()
              model.value = await settings.model()
            })
          }
        />
      )}
      <p role="status">{isTesting.value ? t.modelTesting : said}</p>
      {problem.value !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  )
}

interface ModelFormProps {
  model: ModelAnswer
  test(choice: ModelChoice): Promise<void>
  save(choice: ModelChoice): Promise<void>
  forget(): Promise<void>
}

function ModelForm({ model, test, save, forget }: ModelFormProps) {
  const provider = useSignal<(typeof PROVIDERS)[number]>(model.provider ?? 'openai')
  const name = useSignal(model.model ?? '')
  const url = useSignal(model.url ?? '')
  const key = useSignal('')
  const choice = (): ModelChoice => ({
    provider: provider.value,
    model: name.value,
    ...(url.value.trim() === '' ? {} : { url: url.value }),
    ...(key.value === '' ? {} : { key: key.value }),
  })
  const submit = async (event: Event) => {
    event.preventDefault()
    await save(choice())
    key.value = ''
  }
  return (
    <form class="setting-form even" onSubmit={submit} noValidate>
      <ChoiceField
        label={t.modelProvider}
        value={provider.value}
        options={PROVIDERS.map((value) => ({ value, words: t.modelProviders[value] }))}
        onChoose={(wanted) => {
          provider.value = wanted
        }}
      />
      <TextField label={t.modelName} value={name} autocomplete="off" />
      <TextField label={t.modelUrl} value={url} autocomplete="off" />
      <PasswordField
        label={t.modelKey}
        value={key}
        autocomplete="off"
        hint={model.hasKey ? t.modelKeyKept : t.modelKeyHint}
      />
      <span class="setting-actions">
        <button type="submit" class="button primary">
          {t.modelUse}
        </button>
        <button type="button" class="button" onClick={() => void test(choice())}>
          {t.modelTest}
        </button>
        {model.source === 'chosen' && (
          <button type="button" class="button" onClick={() => void forget()}>
            {t.modelForget}
          </button>
        )}
      </span>
    </form>
  )
}

function stateOf({ source, provider, model }: ModelAnswer): string {
  if (source === 'none' || provider === null || model === null) return t.modelNone
  return source === 'settings' ? t.modelOfSettings(`${provider}:${model}`) : t.modelOfPage(`${provider}:${model}`)
}

function wordsOf({ isAnswered, text, code, tookMs }: ModelTestAnswer): string {
  return isAnswered ? t.modelSaid(text, tookMs) : t.modelSaidNothing(sentenceOf(code ?? '', text))
}
