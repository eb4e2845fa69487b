package dev.ugate.protocols.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops;
import dev.ugate.net.Relay;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.net.io.DuplexFin;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.semantics.Lease;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Stream;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Waist;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both ends of HTTP/2 on real sockets: what goes out comes back, digest by digest. */
@Timeout(60)
final class LoopbackIT implements Gate, Upstream.Keeper {
    private final Waist waist = Waist.standard(Loops.Backend.EPOLL);
    private final Settings settings = new Settings(Timeouts.STANDARD, Limits.STANDARD, waist.notes);
    private final AtomicLong echoed = new AtomicLong();
    private @Nullable Channel connected;
    private final Listener listener = Listener.bind(
                    waist.loops,
                    waist.admission,
                    this,
                    new InetSocketAddress("127.0.0.1", 0),
                    () -> Listening.open().journal(waist.notes).ingress())
            .awaitUninterruptibly()
            .getNow();

    @AfterEach
    void close() {
        waist.close();
    }

    @Override
    public void enter(Channel connection) {
        ServerConnection.serve(connection, this, new Intake("me"));
    }

    @Override
    public void open(Stream stream) {
        stream.accepted(stream.channel());
        echo(stream.channel());
    }

    @Override
    public void ask(Exchange exchange) {
        exchange.reply(200, Fields.NONE, exchange.request().length());
        echo(exchange.request().body());
    }

    private void echo(Channel channel) {
        channel.pipeline().addLast(new Echo());
        channel.config().setAutoRead(true);
    }

    @Override
    public void freed(Upstream upstream) {}

    @Override
    public void gone(Upstream upstream) {}

    /** Sends back what it reads, as fast as that is taken. */
    private final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes) {
                echoed.addAndGet(bytes.readableBytes());
            }
            ctx.write(message);
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }
    }

    /** A client of one request: says random bytes, and takes the answer where it is not lazy. */
    private static final class Client implements ForeignChannel.Far {
        private final SplittableRandom random;
        private final MessageDigest said = digest();
        private final MessageDigest heard = digest();
        private final CompletableFuture<String> done = new CompletableFuture<>();
        private final boolean lazy;
        private final ForeignChannel channel;
        private long left;

        Client(Channel parent, long length, int seed, boolean lazy) {
            this.random = new SplittableRandom(seed);
            this.left = length;
            this.lazy = lazy;
            this.channel = new ForeignChannel(parent, this);
            parent.eventLoop().register(channel);
        }

        private static MessageDigest digest() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void read() {
            if (left < 0) {
                return;
            }
            byte[] part = new byte[(int) Math.min(left, random.nextInt(1, 50_000))];
            if (part.length == 0) {
                left = -1;
                channel.deliver(Fin.FIN);
                return;
            }
            random.nextBytes(part);
            said.update(part);
            left -= part.length;
            channel.deliver(channel.alloc().buffer(part.length).writeBytes(part));
        }

        @Override
        public int write(ByteBuf bytes) {
            if (lazy) {
                return 0;
            }
            heard.update(bytes.nioBuffer());
            return bytes.readableBytes();
        }

        @Override
        public void finish(Fin fin) {
            String back = HexFormat.of().formatHex(heard.digest());
            done.complete(back.equals(HexFormat.of().formatHex(said.digest())) ? "same" : "different");
        }

        @Override
        public void close() {
            done.complete("closed");
        }
    }

    private ClientConnection connect() throws Exception {
        Channel channel = new Bootstrap()
                .group(waist.loops.group())
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel made) {
                        made.pipeline().addLast(new DuplexFin());
                    }
                })
                .connect(listener.address())
                .awaitUninterruptibly()
                .channel();
        CompletableFuture<ClientConnection> begun = new CompletableFuture<>();
        channel.eventLoop().execute(() -> {
            ClientConnection connection = new ClientConnection(channel, () -> settings, this, false);
            connection.begin();
            begun.complete(connection);
        });
        this.connected = channel;
        return begun.get(5, TimeUnit.SECONDS);
    }

    private Client send(ClientConnection connection, long length, int seed, boolean lazy) throws Exception {
        Channel parent = java.util.Objects.requireNonNull(connected);
        CompletableFuture<Client> sent = new CompletableFuture<>();
        parent.eventLoop().execute(() -> {
            Client client = new Client(parent, length, seed, lazy);
            Promise<Reply> reply = parent.eventLoop().newPromise();
            Request request =
                    new Request("POST", "http", HostPort.parse("a.b:80"), "/", Fields.NONE, length, client.channel);
            reply.addListener(done -> {
                if (done.isSuccess()) {
                    Relay.oneWay(reply.getNow().body(), client.channel, settings.timeouts());
                } else {
                    client.done.complete("failed: " + done.cause());
                }
            });
            Lease.of(connection.lease()).send(request, Informational.IGNORED, reply);
            sent.complete(client);
        });
        return sent.get(5, TimeUnit.SECONDS);
    }

    @Test
    void hundredStreamsComeBackIntact() throws Exception {
        ClientConnection connection = connect();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            clients.add(send(connection, 200_000 + i * 1000, i, false));
        }
        for (Client client : clients) {
            assertThat(client.done.get(40, TimeUnit.SECONDS)).isEqualTo("same");
        }
        assertThat(connection.places()).isEqualTo(100);
        assertThat(waist.notes.failed()).isEmpty();
    }

    @Test
    void largeBodiesComeBackIntact() throws Exception {
        Client client = send(connect(), 64 << 20, 7, false);
        assertThat(client.done.get(40, TimeUnit.SECONDS)).isEqualTo("same");
    }

    @Test
    void lazyReaderHoldsItsOwnStreamBackAndNoOther() throws Exception {
        ClientConnection connection = connect();
        Client lazy = send(connection, 64 << 20, 1, true);
        Client other = send(connection, 8 << 20, 2, false);
        assertThat(other.done.get(40, TimeUnit.SECONDS)).isEqualTo("same");
        assertThat(echoed.get()).isLessThan((8 << 20) + (2 << 20));
        assertThat(lazy.done).isNotDone();
    }
}
