import { t } from '../messages.ts'
import { dropUpload, retryUpload, type Upload, type UploadState } from '../state/uploads.ts'
import { Icon } from './icon.tsx'

export function UploadItem({ upload }: { upload: Upload }) {
  const progress = upload.progress.value
  const { name } = upload.file
  return (
    <li class="row" data-status={progress.state === 'refused' ? 'failed' : 'queued'}>
      <span class="row-mark">
        <Icon name={progress.state === 'refused' ? 'alert' : 'page'} />
      </span>
      <div class="row-text">
        <span class="row-name">
          <bdi>{name}</bdi>
        </span>
        <span class="row-status">{wordsFor(progress)}</span>
        {progress.state === 'sending' && <progress aria-hidden="true" max={100} value={progress.percent} />}
        {progress.state === 'refused' && progress.canRetry && (
          <button
            type="button"
            class="button small"
            aria-label={t.retryNamed(name)}
            onClick={() => retryUpload(upload)}
          >
            {t.tryAgain}
          </button>
        )}
      </div>
      <div class="row-actions">
        <button
          type="button"
          class="button bare"
          aria-label={progress.state === 'refused' ? t.dismissNamed(name) : t.cancelUpload(name)}
          onClick={() => dropUpload(upload)}
        >
          <Icon name="close" />
        </button>
      </div>
    </li>
  )
}

function wordsFor(progress: UploadState): string {
  switch (progress.state) {
    case 'waiting':
      return t.uploadWaiting
    case 'sending':
      return t.uploading(progress.percent)
    case 'refused':
      return t.refused(progress.reason)
  }
}
