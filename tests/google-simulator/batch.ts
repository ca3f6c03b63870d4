import type { GoogleSimulator } from '../../dev/google/simulator.ts'

/** One answer within the answer to a batch. */
export interface PartAnswer {
  contentId: string
  status: number
  body: { id?: string; error?: unknown }
}

/** Sends paths as one batch, as Google's guide describes it, and takes the answer apart. */
export async function sendBatch({ origin }: GoogleSimulator, accessToken: string | null, paths: readonly string[], innerHeaders: readonly string[] = []) {
  const parts = paths.map(
    (path, index) =>
      `--edge\r\nContent-Type: application/http\r\nContent-ID: <item${index}>\r\n\r\n${[`GET ${path} HTTP/1.1`, ...innerHeaders].join('\r\n')}\r\n\r\n\r\n`,
  )
  const response = await fetch(`${origin}/batch/gmail/v1`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/mixed; boundary="edge"', ...(accessToken && { authorization: `Bearer ${accessToken}` }) },
    body: `${parts.join('')}--edge--\r\n`,
  })
  const text = await response.text()
  const boundary = /boundary=(.+)$/.exec(response.headers.get('content-type') ?? '')?.[1]
  const pieces = boundary ? text.split(`--${boundary}`).slice(1, -1) : []
  return { response, text, parts: pieces.map(readPart) }
}

function readPart(piece: string): PartAnswer {
  const [outside = '', head = '', body = ''] = piece.trim().split('\r\n\r\n')
  const contentId = /^content-id: (.+)$/im.exec(outside)?.[1] ?? ''
  return { contentId, status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), body: parsed(body) }
}

function parsed(text: string): PartAnswer['body'] {
  try {
    return JSON.parse(text) as PartAnswer['body']
  } catch {
    return {}
  }
}
