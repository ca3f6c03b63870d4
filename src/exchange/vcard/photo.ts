import type { DraftPhoto } from '../../contacts/draft.ts'
import { isBase64, type Property } from './property.ts'
import { unescapeText } from './text.ts'

const unknownType = 'application/octet-stream'
const dataUri = /^data:([^,]*),/i

/** Reads PHOTO in all its writings: base64, a data: URI, an http(s) address. Undefined if it is none of these. */
export function readPhoto(property: Property): DraftPhoto | undefined {
  const { value } = property
  if (isBase64(property) && !dataUri.test(value.slice(0, 200))) return withBytes(Buffer.from(value, 'base64'), mediaTypeOf(property))
  const head = dataUri.exec(value.slice(0, 1_000))
  if (head) return readDataUri(value, head)
  const url = unescapeText(value).trim()
  return /^https?:\/\/[^\s]+$/i.test(url) ? { url } : undefined
}

function readDataUri(value: string, head: RegExpExecArray): DraftPhoto | undefined {
  const [mediaType = '', ...attributes] = (head[1] ?? '').replaceAll('\\', '').split(';')
  const content = value.slice(head[0].length)
  const contentType = mediaType === '' ? undefined : mediaType.toLowerCase()
  if (attributes.some((attribute) => attribute.toLowerCase() === 'base64')) return withBytes(Buffer.from(content, 'base64'), contentType)
  const bytes = content.replace(/%([0-9A-Fa-f]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return withBytes(Buffer.from(bytes, 'latin1'), contentType)
}

function withBytes(buffer: Buffer, contentType: string | undefined): DraftPhoto | undefined {
  if (buffer.length === 0) return undefined
  const bytes = new Uint8Array(buffer)
  return contentType === undefined || contentType === unknownType ? { bytes } : { bytes, contentType }
}

const mediaTypes: Record<string, string> = {
  JPEG: 'image/jpeg',
  JPG: 'image/jpeg',
  PNG: 'image/png',
  GIF: 'image/gif',
  WEBP: 'image/webp',
  BMP: 'image/bmp',
  TIFF: 'image/tiff',
  HEIC: 'image/heic',
  WAVE: 'audio/wav',
  AAC: 'audio/aac',
  OGG: 'audio/ogg',
  X509: 'application/x-x509-user-cert',
  PGP: 'application/pgp-keys',
}

/** The media type that MEDIATYPE or a TYPE such as JPEG declares. */
export function mediaTypeOf(property: Property): string | undefined {
  const declared = property.params.get('MEDIATYPE')?.[0]
  const said = declared === undefined ? (property.params.get('TYPE') ?? []) : [declared]
  for (const type of said) {
    const known = type.includes('/') ? type.toLowerCase() : mediaTypes[type.toUpperCase()]
    if (known !== undefined && isMediaType(known)) return known
  }
  return undefined
}

function isMediaType(text: string): boolean {
  return /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(text)
}

/** Writes bytes as a data: URI; `application/octet-stream` where the type is unknown. */
export function formatDataUri(bytes: Uint8Array, contentType: string | undefined): string {
  return dataUriOf(contentType, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'))
}

/** A property whose value is inline base64, as vCard 4.0 writes it: with a data: URI. */
export function asDataUri(property: Property): Property {
  if (!isBase64(property)) return property
  const params = new Map(property.params)
  const contentType = mediaTypeOf(property)
  params.delete('ENCODING')
  params.delete('VALUE')
  params.delete('MEDIATYPE')
  if (contentType !== undefined) params.delete('TYPE')
  return { ...property, params, value: dataUriOf(contentType, property.value) }
}

function dataUriOf(contentType: string | undefined, base64: string): string {
  return `data:${contentType !== undefined && isMediaType(contentType) ? contentType : unknownType};base64,${base64}`
}
