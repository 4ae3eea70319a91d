/** One line on a terminal that each text takes the place of; an empty text clears it. Nothing anywhere else. */
export function createProgress(stream: NodeJS.WriteStream): (text: string) => void {
  if (!stream.isTTY) return () => {};
  const clear = '\r\u001b[2K';
  // Some terminals don't tell their width.
  return (text) => stream.write(clear + text.slice(0, (stream.columns || 80) - 1));
}
