// node client.js PORT AUTHORITY: a tunnel of HTTP/2 CONNECT in the clear; standard input goes in, what comes out goes to standard output.
const http2 = require('http2');
const [port, authority] = process.argv.slice(2);
const session = http2.connect('http://127.0.0.1:' + port, {settings: {maxFrameSize: 1 << 20, initialWindowSize: 4 << 20}});
session.on('error', e => { console.error(e.message); process.exit(2); });
const stream = session.request({':method': 'CONNECT', ':authority': authority, baggage: 'service.name=node,,;'});
stream.on('response', (head, flags) => {
  if (head[':status'] !== 200) {
    process.stdout.write(head[':status'] + ' ' + head['proxy-status'] + ' ' + ((flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0));
    session.close();
    process.exit(0);
  }
  process.stdin.pipe(stream);
});
stream.on('data', bytes => process.stdout.write(bytes));
stream.on('end', () => session.close());
stream.on('error', e => { console.error(e.message); process.exit(3); });
