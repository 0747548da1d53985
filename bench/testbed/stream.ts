import { connect, createServer } from 'node:net';

/**
 * A plain socket pair, each end run inside a host: `serve ADDRESS` takes one connection and prints what arrived and how fast,
 * `send HOST PORT BYTES` fills it. Lines are JSON. Either ends with its parent.
 */
const [role, host = '', port = '0', size = '0'] = process.argv.slice(2);
process.stdin.resume().on('end', () => process.exit(1));
if (role === 'serve') serve(host);
else send(host, Number(port), Number(size));

function serve(address: string): void {
  const server = createServer((socket) => {
    // The first chunk only starts the watch: what came before it (connecting, the bucket's first fill) is not the link's rate.
    let start = 0n;
    let last = 0n;
    let bytes = 0;
    socket.on('data', (chunk) => {
      last = process.hrtime.bigint();
      if (start === 0n) start = last;
      else bytes += chunk.length;
    });
    socket.on('end', () => {
      console.log(JSON.stringify({ bytes, seconds: Number(last - start) / 1e9 }));
      process.exit(0);
    });
  });
  server.listen(0, address, () => console.log(JSON.stringify(server.address())));
}

function send(address: string, to: number, bytes: number): void {
  const socket = connect(to, address, () => socket.end(Buffer.alloc(bytes)));
  socket.on('close', () => process.exit(0));
}
