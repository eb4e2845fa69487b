// node echo.js PORT http1|http2: sends every message back; "count N" is answered by N messages, "leave" by Close 4002.
const {WebSocket, WebSocketServer} = require('/usr/share/nodejs/ws');
const [port, version] = process.argv.slice(2);

function serve(socket) {
  socket.on('message', (said, binary) => {
    const text = binary ? '' : said.toString();
    if (text.startsWith('count ')) {
      for (let n = 0; n < Number(text.slice(6)); n++) socket.send(String(n));
    } else if (text === 'leave') {
      socket.close(4002, 'told to');
    } else {
      socket.send(said, {binary});
    }
  });
}

if (version === 'http1') {
  const chat = offered => offered.has('chat') ? 'chat' : false;
  new WebSocketServer({port, host: '127.0.0.1', perMessageDeflate: true, handleProtocols: chat}).on('connection', serve);
} else {
  // RFC 8441: the frames of ws on a stream of node's own HTTP/2.
  const server = require('http2').createServer({settings: {enableConnectProtocol: true}});
  server.on('stream', (stream, head) => {
    if (head[':method'] !== 'CONNECT' || head[':protocol'] !== 'websocket' || head['sec-websocket-key']) {
      stream.respond({':status': 400}, {endStream: true});
      return;
    }
    stream.respond({':status': 200, 'sec-websocket-protocol': 'chat'});
    stream.setNoDelay = () => {};
    const socket = new WebSocket(null);
    socket.setSocket(stream, Buffer.alloc(0), {maxPayload: 0, skipUTF8Validation: false});
    serve(socket);
  });
  server.listen(port, '127.0.0.1');
}
