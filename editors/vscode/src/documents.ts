// The documents that are completed.

/** What is completed: files, what was never saved, cells of notebooks. */
const SCHEMES = ['file', 'untitled', 'vscode-notebook-cell'];
export const DOCUMENTS = SCHEMES.map((scheme) => ({ scheme }));
