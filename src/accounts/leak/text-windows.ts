/** A part of a long text with what stands around it. */
export interface TextWindow {
  readonly text: string;
  /** What begins in this range is to be looked for: before it and behind it, text is there for context alone. */
  readonly from: number;
  readonly to: number;
}

/** How much context there is on either side, and how much text is looked through at least: in characters. */
const AROUND = 8192;

const PIECE_BYTES = 65_536;

/**
 * Reads a stream of any encoding as overlapping windows of text, so that nothing is cut at the border of a chunk. Memory
 * doesn't grow with the stream.
 *
 * Each byte is a character, but zeros are left out: what is ASCII is then readable in UTF-8, any Latin encoding, UTF-16
 * and between bytes that are no text.
 */
export async function* textWindows(input: AsyncIterable<Uint8Array>): AsyncGenerator<TextWindow> {
  let text = '';
  let from = 0;
  for await (const piece of piecesOf(input)) {
    text += Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1').replaceAll('\0', '');
    const to = text.length - AROUND;
    if (to - from < AROUND) continue;
    yield { text, from, to };
    const kept = Math.max(0, to - AROUND);
    text = text.slice(kept);
    from = to - kept;
  }
  if (from < text.length) yield { text, from, to: text.length };
}

/** However much comes at once, as from a program that has read a file whole. */
async function* piecesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of input) {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) yield chunk.subarray(start, start + PIECE_BYTES);
  }
}
