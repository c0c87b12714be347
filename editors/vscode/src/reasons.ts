// Why there is no ghost text, in words: the server's closed set of silences.

const WORDS: Readonly<Record<string, string>> = {
  'model-loading': 'the model is loading',
  'no-model': 'there is no model',
  'ignored-file': 'this file is never read: secret, generated, vendored or ignored',
  'too-large': 'the file is too large',
  'not-open': 'the server does not know this document',
  'outside-document': 'the cursor is outside of the document',
  'mid-word': 'the cursor is inside a word',
  'selection-mismatch': 'the selected entry of the list does not fit the text',
  'context-too-small': 'the prompt does not fit the context of the model',
  cancelled: 'you typed on',
  superseded: 'you typed on',
  'time-limit': 'it took too long',
  'nothing-to-add': 'the model has nothing to add here',
  'repeats-suffix': 'the model repeats what stands behind the cursor',
  unsure: 'the model is not sure enough',
  'breaks-syntax': 'what the model says would not parse',
  error: 'an error in the server; the log has it',
};

/** Silences that only mean that a newer request is on its way. */
const PASSING: ReadonlySet<string> = new Set(['cancelled', 'superseded']);

/** The reason in words; one that a newer server has, as it stands. */
export function inWords(reason: string): string {
  return WORDS[reason] ?? reason;
}

/** Whether the reason tells the user nothing. */
export function isPassing(reason: string): boolean {
  return PASSING.has(reason);
}
