// Stands in for Lambda's runtime: loads the bundle that its argument names, and hands it the events that its parent
// sends. It ends with its parent.
const [, , bundle = ''] = process.argv;
const TIMEOUT_MS = 8000; // the template's

/** @type {{ handler: (event: unknown, context: unknown) => Promise<unknown> }} */
const { handler } = await import(bundle);

process.on('disconnect', () => process.exit());
process.on('message', async (/** @type {{ id: string, event: unknown }} */ { id, event }) => {
  const deadline = Date.now() + TIMEOUT_MS;
  const context = { getRemainingTimeInMillis: () => deadline - Date.now() };
  try {
    process.send?.({ id, result: await handler(event, context) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.send?.('ready');
