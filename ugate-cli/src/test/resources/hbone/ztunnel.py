"""What ztunnel does on the wire (TLS 1.3, no name, ALPN h2 alone, frames of 1 MiB), by OpenSSL and hyper-h2.

ztunnel.py client PORT FOLDER ID AUTHORITY   a tunnel of ours: standard input goes in, what comes out goes to standard output
ztunnel.py server PORT FOLDER ID             takes tunnels, and connects to where they want to go
FOLDER has root.pem, ztunnel.pem and ztunnel.key; ID is the SPIFFE id that the other end must prove.
"""
import json, queue, select, socket, ssl, sys, threading
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, ResponseReceived, StreamEnded, StreamReset
from h2.settings import SettingCodes, Settings

FRAME = 1 << 20
SETTINGS = {SettingCodes.MAX_FRAME_SIZE: FRAME, SettingCodes.INITIAL_WINDOW_SIZE: 4 << 20, SettingCodes.ENABLE_PUSH: 0}


def context(server, folder, hello):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(folder + '/root.pem')
    made.load_cert_chain(folder + '/ztunnel.pem', folder + '/ztunnel.key')
    made.set_alpn_protocols(['h2'])
    if server:
        made.sni_callback = lambda tls, name, same: hello.update(sni=name)
    return made


class Connection:
    """HTTP/2 over one TLS connection; application bytes go out in frames as large as the other end takes."""

    def __init__(self, tls, client, expected):
        names = [name for kind, name in tls.getpeercert()['subjectAltName'] if kind == 'URI']
        if tls.selected_alpn_protocol() != 'h2' or tls.version() != 'TLSv1.3' or names != [expected]:
            sys.exit('%s %s %s' % (tls.selected_alpn_protocol(), tls.version(), names))
        self.tls = tls
        self.h2 = H2Connection(H2Configuration(client_side=client, header_encoding='utf-8', validate_inbound_headers=False,
                                               validate_outbound_headers=False))
        self.h2.local_settings = Settings(client, SETTINGS)
        self.h2.max_inbound_frame_size = FRAME
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(12 << 20)
        self.flush()
        self.waiting, self.ending, self.largest = {}, set(), 0

    def flush(self):
        self.tls.sendall(self.h2.data_to_send())

    def events(self):
        """Blocks for a read; None at the end."""
        read = self.tls.recv(1 << 16)
        if not read:
            return None
        events = self.h2.receive_data(read)
        for event in events:
            if isinstance(event, DataReceived):
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        self.pump()
        return events

    def send(self, stream, data, end=False):
        self.waiting.setdefault(stream, bytearray()).extend(data)
        if end:
            self.ending.add(stream)
        self.pump()

    def pump(self):
        for stream, data in list(self.waiting.items()):
            while data or stream in self.ending:
                size = min(len(data), self.h2.max_outbound_frame_size)
                if stream not in self.ending and size < FRAME and len(data) < FRAME:
                    break
                if self.h2.local_flow_control_window(stream) < size:
                    break
                self.largest = max(self.largest, size)
                last = stream in self.ending and size == len(data)
                self.h2.send_data(stream, bytes(data[:size]), end_stream=last)
                del data[:size]
                if last:
                    self.ending.discard(stream)
                    del self.waiting[stream]
                    break
        self.flush()


def client(port, folder, expected, authority):
    tls = context(False, folder, {}).wrap_socket(socket.create_connection(('127.0.0.1', int(port))))
    own = Connection(tls, True, expected)
    stream = own.h2.get_next_available_stream_id()
    own.h2.send_headers(stream, [
        (':method', 'CONNECT'), (':authority', authority),
        ('baggage', 'k8s.cluster.name=Kubernetes,k8s.namespace.name=web,k8s.deployment.name=shop,service.name=shop,service.version=v1'),
        ('forwarded', 'for="10.244.1.7:40422";host=db.web.svc.cluster.local'),
        ('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00')])
    own.flush()
    while True:
        events = own.events()
        if events is None:
            sys.exit('connection ended')
        for event in events:
            if isinstance(event, ResponseReceived):
                status = dict(event.headers)[':status']
                if status != '200':
                    print(status)
                    return
                own.send(stream, sys.stdin.buffer.read(), True)
            elif isinstance(event, DataReceived):
                sys.stdout.buffer.write(event.data)
            elif isinstance(event, StreamReset):
                sys.exit('reset %d' % event.error_code)
            elif isinstance(event, StreamEnded):
                sys.stdout.flush()
                print('largest frame %d' % own.largest, file=sys.stderr)
                return


def write(target, todo):
    for data in iter(todo.get, None):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def serve(tls, hello, expected):
    own = Connection(tls, False, expected)
    targets, todo = {}, {}
    while True:
        ready = [tls] if tls.pending() else select.select([tls] + list(targets.values()), [], [])[0]
        for stream, target in list(targets.items()):
            if target in ready:
                data = target.recv(1 << 18)
                own.send(stream, data, not data)
                if not data:
                    del targets[stream]
        if tls not in ready:
            continue
        events = own.events()
        if events is None:
            return
        for event in events:
            if isinstance(event, RequestReceived):
                head = dict(event.headers)
                if head[':authority'].startswith('told.'):
                    own.h2.send_headers(event.stream_id, [(':status', '200')])
                    own.send(event.stream_id, json.dumps({**head, **hello}).encode(), True)
                    continue
                host, port = head[':authority'].rsplit(':', 1)
                targets[event.stream_id] = socket.create_connection((host, int(port)))
                todo[event.stream_id] = queue.SimpleQueue()
                threading.Thread(target=write, args=(targets[event.stream_id], todo[event.stream_id]), daemon=True).start()
                own.h2.send_headers(event.stream_id, [(':status', '200')])
                own.flush()
            elif isinstance(event, DataReceived) and event.stream_id in todo:
                todo[event.stream_id].put(event.data)
            elif isinstance(event, StreamEnded) and event.stream_id in todo:
                todo.pop(event.stream_id).put(None)


def server(port, folder, expected):
    listening = socket.create_server(('127.0.0.1', int(port)))

    def handle(accepted):
        hello = {}
        try:
            serve(context(True, folder, hello).wrap_socket(accepted, server_side=True), hello, expected)
        except (OSError, ssl.SSLError) as e:
            print(e, file=sys.stderr)

    while True:
        threading.Thread(target=handle, args=(listening.accept()[0],), daemon=True).start()


{'client': client, 'server': server}[sys.argv[1]](*sys.argv[2:])
