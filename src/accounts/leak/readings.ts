/** What begins a command to a terminal, such as a colour (ECMA-48, section 5.4): as it is, and as JSON has it. */
const COMMAND = new RegExp(String.raw`(?:${'\u001b'}|\\u001b)\[[\d;:?]*[ -/]*[@-~]`, 'gi');

/** Visible ASCII as JSON, programs, URLs, mails, HTML and Markdown escape it. */
const ESCAPE = /(?:\\u00|\\x|[%=])([2-7][\da-f])|&#x([2-7][\da-f]);|&#(\d{2,3});|\\_/gi;

/** Where a mail, a terminal or base64 has broken a line: with the sign of quoted-printable, quoted, in JSON, or not. */
const LINE_BREAK = /=?(?:\r?\n|(?:\\r)?\\n)[ \t>]*/g;

/** No key of ours is shorter in base64 (RFC 4648). */
const MIN_BASE64 = 108;

/** Of base64 and of base64url. */
const ALPHABET = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_'));

/** A text as it is meant: without commands to a terminal, escapes and line breaks. */
export function plainTextOf(text: string): string {
  return text.replace(COMMAND, '').replace(ESCAPE, decode).replace(LINE_BREAK, '');
}

function decode(_: string, hex?: string, hexInHtml?: string, decimal?: string): string {
  const code = decimal === undefined ? Number.parseInt(hex ?? hexInHtml ?? '5f', 16) : Number(decimal);
  return String.fromCharCode(code);
}

/** What base64 in a text holds. What stands before it may be of the same alphabet, so four beginnings are tried. */
export function* base64TextsIn(text: string): Generator<string> {
  for (const run of base64RunsIn(text)) {
    for (let start = 0; start < 4; start++) {
      yield Buffer.from(run.slice(start), 'base64').toString('latin1').replaceAll('\0', '');
    }
  }
}

/** The runs that may hold a key. One that is so long covers each so-many-th character, so most of a text is passed over. */
function* base64RunsIn(text: string): Generator<string> {
  for (let at = MIN_BASE64 - 1; at < text.length; at += MIN_BASE64) {
    let [from, to] = [at, at];
    while (to < text.length && ALPHABET.has(text.charCodeAt(to))) to++;
    while (to > at && from > 0 && ALPHABET.has(text.charCodeAt(from - 1))) from--;
    if (to - from < MIN_BASE64) continue;
    yield text.slice(from, to);
    at = to;
  }
}
