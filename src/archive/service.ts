export { createDownloadLink, createDownloadLinkOpenly, type Download, type DownloadLink, openDownload } from './download.ts'
export type { ArchivedRecord, Attachment, Attachments, Rendering, Restoring } from './forms.ts'
export { importArchive, type ImportedArchive, type ImportedModel } from './import.ts'
