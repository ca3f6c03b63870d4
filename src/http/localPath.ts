/** A path of our own site to go on to, from a parameter that anyone can write; the start page for anything that leads elsewhere. */
export function localPath(text: string | null | undefined): string {
  // Browsers read a backslash as a slash, and drop tabs and line ends.
  if (!text || !/^\/(?![/\\])[^\\\s]*$/.test(text) || text.length > 500) return '/'
  const url = URL.parse(text, 'http://here.invalid')
  // Dots are resolved by now: "/..//elsewhere" has become "//elsewhere", which is another site.
  return url?.host === 'here.invalid' && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : '/'
}
