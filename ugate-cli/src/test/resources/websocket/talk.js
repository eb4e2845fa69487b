// node talk.js PORT SCHEME HOST…: talks to each host behind the gate on that port; ws and wss speak HTTP/1.1, http and https HTTP/2
// (RFC 8441), with TLS as ca.pem says; fails on what is wrong.
const {WebSocket} = require('/usr/share/nodejs/ws');
const assert = require('assert');
const crypto = require('crypto');
const {once} = require('events');
const fs = require('fs');
const http2 = require('http2');
const SIZES = [0, 1, 125, 126, 65535, 65536, 1000000];
const [port, scheme, ...hosts] = process.argv.slice(2);
const secure = scheme === 'wss' || scheme === 'https' ? {ca: fs.readFileSync('ca.pem')} : {};

function overHttp1(host, path) {
  const options = {...secure, servername: host, host: '127.0.0.1', port, headers: {Host: host}};
  return new WebSocket(scheme + '://127.0.0.1:' + port + path, ['other', 'chat'], options);
}

async function overHttp2(host, path) {
  const session = http2.connect(scheme + '://127.0.0.1:' + port, {...secure, servername: host});
  const [settings] = await once(session, 'remoteSettings');
  assert.strictEqual(settings.enableConnectProtocol, true);
  const stream = session.request({
    ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': scheme, ':authority': host, ':path': path,
    'sec-websocket-version': '13', 'sec-websocket-protocol': 'other, chat',
  }, {endStream: false});
  const [head] = await once(stream, 'response');
  assert.strictEqual(head[':status'], 200);
  stream.setNoDelay = () => {};
  stream.on('close', () => session.close());
  const socket = new WebSocket(null);
  socket._isServer = false;
  socket._protocol = head['sec-websocket-protocol'];
  socket.setSocket(stream, Buffer.alloc(0), {maxPayload: 0, skipUTF8Validation: false});
  return socket;
}

/** A WebSocket and the messages that came on it, in order. */
async function open(host, path) {
  const socket = scheme.startsWith('ws') ? overHttp1(host, path) : await overHttp2(host, path);
  const came = [];
  let wake = () => {};
  socket.on('message', (data, binary) => { came.push(binary ? data : data.toString()); wake(); });
  socket.on('error', failure => { console.error(host, failure); process.exit(1); });
  if (socket.readyState !== WebSocket.OPEN) await once(socket, 'open');
  const closed = once(socket, 'close').then(([code]) => code);
  const hear = async () => {
    while (came.length === 0) await new Promise(resolve => { wake = resolve; });
    return came.shift();
  };
  return {socket, hear, closed};
}

async function talk(host) {
  const {socket, hear, closed} = await open(host, '/chat?who=node');
  assert.strictEqual(socket.protocol, 'chat');
  socket.send('grüße 🌍');
  assert.strictEqual(await hear(), 'grüße 🌍');
  const messages = SIZES.map(size => crypto.randomBytes(size));
  messages.forEach(message => socket.send(message));
  for (const message of messages) assert.ok(message.equals(await hear()), 'message of ' + message.length);
  socket.send('in ', {fin: false});
  socket.send('three ', {fin: false});
  socket.send('frames', {fin: true});
  assert.strictEqual(await hear(), 'in three frames');
  socket.ping('are you there');
  const [answer] = await once(socket, 'pong');
  assert.strictEqual(answer.toString(), 'are you there');
  socket.send('count 1000');
  for (let n = 0; n < 1000; n++) assert.strictEqual(await hear(), String(n));
  socket.send('leave');
  assert.strictEqual(await closed, 4002);
  const packed = socket.extensions.includes('permessage-deflate');
  const other = await open(host, '/');
  other.socket.close(4001, 'enough');
  assert.strictEqual(await other.closed, 4001);
  console.log(host, packed ? 'packed' : 'plain');
}

(async () => { for (const host of hosts) await talk(host); })().catch(failure => { console.error(failure); process.exit(1); });
