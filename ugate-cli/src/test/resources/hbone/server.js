// node server.js PORT: takes tunnels of HTTP/2 CONNECT in the clear and connects to where they want to go.
const http2 = require('http2');
const net = require('net');
const server = http2.createServer({settings: {maxFrameSize: 1 << 20, initialWindowSize: 4 << 20, maxConcurrentStreams: 3}});
server.on('stream', (stream, head) => {
  stream.on('error', () => {});
  const target = new URL('tcp://' + head[':authority']);
  if (target.hostname === 'denied.test') {
    stream.respond({':status': 401}, {endStream: true});
    return;
  }
  if (target.hostname === 'told.test') {
    stream.respond({':status': 200});
    stream.end(JSON.stringify(head));
    return;
  }
  const socket = net.connect({port: target.port, host: target.hostname, allowHalfOpen: true}, () => {
    stream.respond({':status': 200});
    socket.pipe(stream);
    stream.pipe(socket);
  });
  socket.on('error', () => stream.headersSent ? stream.close(http2.constants.NGHTTP2_CONNECT_ERROR)
      : stream.respond({':status': 503}, {endStream: true}));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
