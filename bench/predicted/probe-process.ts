import { text } from 'node:stream/consumers';
import { systemClock, tcp } from '@tandem/node';
import { askLink } from '@tandem/runtime';

/**
 * Has the agent at one address measure its way to the agent at another: `probe-process FROM TO`, the token of both on standard input.
 * Prints the link as JSON.
 */
const [from = '', to = ''] = process.argv.slice(2);
const token = await text(process.stdin);
const { signal } = new AbortController();
console.log(JSON.stringify(await askLink(from, to, { transport: tcp(), clock: systemClock, token, signal })));
