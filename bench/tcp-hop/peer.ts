import { serveBare } from './bare-socket.ts';
import { serveTransport } from './transport-hop.ts';

// The other process: listens both ways, says where on one line, and ends with its parent.
const listener = await serveTransport();
serveBare((port) => console.log(JSON.stringify({ address: listener.address, port })));
process.stdin.resume().on('end', () => process.exit(0));
