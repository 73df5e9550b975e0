/**
 * What is wrong with the YAML, by the library's error code: its messages quote the file, which may contain a secret.
 */
const meanings: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias with an anchor or a tag',
  BAD_ALIAS: 'an alias that cannot be used',
  BAD_COLLECTION_TYPE: 'a tag that does not fit what follows it',
  BAD_DIRECTIVE: 'a directive (%) that is not known',
  BAD_DQ_ESCAPE: 'an escape (\\) that is not known in a text in double quotes',
  BAD_INDENT: 'a line that is not indented as those around it',
  BAD_PROP_ORDER: 'an anchor or a tag in the wrong place',
  BAD_SCALAR_START: 'a text that needs quotes, since it begins with a sign that means something in YAML',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping or list within a line; begin it on a line of its own, or quote the text',
  BLOCK_IN_FLOW: 'a mapping or list by lines within brackets',
  DUPLICATE_KEY: 'a key that is there already',
  KEY_OVER_1024_CHARS: 'a key of more than 1,024 characters',
  MISSING_CHAR: 'a bracket, quote, colon or comma that is missing',
  MULTILINE_IMPLICIT_KEY: 'a key of several lines',
  MULTIPLE_ANCHORS: 'several anchors for one value',
  MULTIPLE_DOCS: 'several documents in one file',
  MULTIPLE_TAGS: 'several tags for one value',
  NON_STRING_KEY: 'a key that is no text',
  TAB_AS_INDENT: 'a tab at the beginning of a line; indent by spaces',
  TAG_RESOLVE_FAILED: 'a tag (!) that is not known; quote a text that begins with !',
  UNEXPECTED_TOKEN: 'something where nothing is expected',
};

export function yamlErrorText(code: string): string {
  return `not valid YAML: ${meanings[code] ?? 'it cannot be read'} (${code})`;
}
