import { errorRecord, seconds } from '@tandem/core';
import { fileJournal, loadModel } from '@tandem/node';
import { type Gateway, type JournaledGateway, JournaledRequests, type TensorValue } from '@tandem/runtime';
import { shapedGraph } from '../shaped-graph.ts';
import { chaosInputs } from './chaos-inputs.ts';
import { deployedGateway } from './deployed-gateway.ts';
import type { GatewayOrder, GatewayQuestion, GatewaySetup, GatewayWord } from './gateway-messages.ts';
import { StandingWatch } from './standing.ts';

// A scenario's gateway as a process of its own, with a journal, which answers what the one before it has accepted.

const { signal } = new AbortController();
const log = (line: string): void => say({ kind: 'log', line });

function say(word: GatewayWord): void {
  if (process.connected) process.send?.(word);
}

/** The outcomes' repairs, which journals do not keep; 0 for those of an earlier gateway. */
type Repairs = WeakMap<readonly TensorValue[], number>;

/** Notes how often an answer's request was repaired. */
function noting(gateway: Gateway, repairs: Repairs): JournaledGateway {
  return {
    closed: gateway.closed,
    request: async (inputs, options) => {
      const answer = await gateway.request(inputs, options);
      repairs.set(answer.outputs, answer.repairs);
      return answer;
    },
    stream: async function* (items, options) {
      for await (const result of gateway.stream(items, options)) {
        if (result.answer !== null) repairs.set(result.answer.outputs, result.answer.repairs);
        yield result;
      }
    },
  };
}

async function serve({ document, reference, addresses, token, journalPath }: GatewaySetup): Promise<void> {
  const loaded = await loadModel(reference);
  const modelDigest = await loaded.digest();
  const quiet = { json: true, answer: () => undefined, progress: log };
  const graph = await shapedGraph(loaded.model, { batch: 1, modelDigest }, quiet);
  const inputs = chaosInputs(graph, document);
  const gateway = await deployedGateway({ document, loaded, graph, addresses, token, signal, log });
  const standing = new StandingWatch(gateway.feed);
  await loaded.close();
  const journal = await fileJournal(journalPath, { log });
  const repairs: Repairs = new WeakMap();
  const requests = new JournaledRequests(noting(gateway, repairs), {
    get open() {
      return journal.open;
    },
    accepted: async (key, tensors) => {
      await journal.accepted(key, tensors);
      say({ kind: 'accepted', index: Number(key) });
    },
    settled: (key, outcome) => journal.settled(key, outcome),
    taken: (key) => journal.taken(key),
    close: () => journal.close(),
  });
  const tell = (index: number, outcome: Awaited<ReturnType<typeof requests.request>>): void =>
    say({
      kind: 'outcome',
      index,
      outcome,
      repairs: outcome.outputs === null ? 0 : (repairs.get(outcome.outputs) ?? 0),
    });
  process.on('message', (order: GatewayOrder) => {
    const follow = async (): Promise<void> => {
      if (order.kind === 'standing' || order.kind === 'ping') return await reply(gateway, standing, order);
      if (order.kind === 'taken') return await requests.taken(`${order.index}`);
      if (order.kind === 'close') return await end(gateway);
      if (order.kind !== 'request') return;
      const own = inputs[order.index % inputs.length] ?? [];
      const timeoutSeconds = seconds(document.timeoutSeconds);
      tell(order.index, await requests.request(`${order.index}`, own, { signal, timeoutSeconds }));
    };
    follow().catch((error: unknown) => log(`the gateway: ${errorRecord(error).message}`));
  });
  say({ kind: 'ready', open: journal.open.map(({ key }) => Number(key)) });
  for await (const { key, outcome } of requests.recovered(signal)) tell(Number(key), outcome);
}

async function reply(gateway: Gateway, watch: StandingWatch, question: GatewayQuestion): Promise<void> {
  const { id } = question;
  try {
    if (question.kind === 'ping') await gateway.ping(question.device, signal);
    const standing = question.kind === 'standing' ? await watch.look(signal) : null;
    say({ kind: 'reply', id, standing });
  } catch (error) {
    say({ kind: 'refusal', id, error: errorRecord(error) });
  }
}

async function end(gateway: Gateway): Promise<void> {
  await gateway.close();
  process.exit(0);
}

process.once('disconnect', () => process.exit(1));
// Ctrl-C in a terminal reaches the parent, too, which decides how this ends.
process.on('SIGINT', () => undefined);
process.once('message', (order: GatewayOrder) => {
  if (order.kind !== 'start') return;
  serve(order.setup).catch((error: unknown) => {
    say({ kind: 'failed', error: errorRecord(error) });
    process.disconnect?.();
  });
});
