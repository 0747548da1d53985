import { fileURLToPath } from 'node:url';

/** The built command, for Node. */
export const tandemProgram: string = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url));
