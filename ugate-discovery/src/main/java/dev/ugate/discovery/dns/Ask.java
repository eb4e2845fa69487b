package dev.ugate.discovery.dns;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.dns.AbstractDnsOptPseudoRrRecord;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryEncoder;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DefaultDnsQuery;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryEncoder;
import io.netty.handler.codec.dns.TcpDnsResponseDecoder;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One question to one server: over a UDP socket of its own, connected, so that the kernel picks the port, drops what others send
 * and reports a closed port at once; then over TCP when the answer was cut or did not repeat the question letter by letter (T106).
 */
final class Ask {
    /** The UDP payload that we say we take (DNS flag day 2020); more is read if it comes. */
    private static final int PAYLOAD = 1232;

    private static final int RECEIVE = 4096;
    private static final ChannelHandler UDP_DECODER = new UncutDecoder();
    private static final ChannelHandler UDP_ENCODER = new DatagramDnsQueryEncoder();
    private static final ChannelHandler TCP_ENCODER = new TcpDnsQueryEncoder();

    private final Wire wire;
    private final InetSocketAddress server;
    private final Question question;
    private final Spelling spelling;
    private final Consumer<Answer> done;
    private final Future<?> deadline;
    private @Nullable Channel channel;
    private boolean settled;

    private Ask(Wire wire, Target target, Spelling spelling, Consumer<Answer> done) {
        this.wire = wire;
        this.server = target.server();
        this.question = target.question();
        this.spelling = spelling;
        this.done = done;
        this.deadline = wire.loop()
                .schedule(() -> settle(new Answer.Silent()), target.timeout().toNanos(), TimeUnit.NANOSECONDS);
    }

    /** A canonical name and the type of its records. */
    record Question(String name, DnsRecordType type) {
        Question withName(String other) {
            return new Question(other, type);
        }
    }

    /** What is asked of whom, and how long an answer may take. */
    record Target(InetSocketAddress server, Question question, Duration timeout) {}

    /** What an attacker off the path has to guess: the id, and the letters of the name in random case (0x20). */
    record Spelling(int id, String name) {}

    /** Calls {@code done} once; both calls are on the wire's loop. */
    static void ask(Wire wire, Target target, Spelling spelling, Consumer<Answer> done) {
        new Ask(wire, target, spelling, done).overUdp();
    }

    private void overUdp() {
        open(wire.udp(), false, UDP_ENCODER, UDP_DECODER, new Answers(false));
    }

    private void overTcp() {
        close();
        open(wire.tcp(), true, TCP_ENCODER, new TcpDnsResponseDecoder(), new Answers(true));
    }

    private void open(ChannelFactory<? extends Channel> factory, boolean tcp, ChannelHandler... handlers) {
        Bootstrap bootstrap = new Bootstrap()
                .group(wire.loop())
                .channelFactory(factory)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        opened.pipeline().addLast(handlers);
                    }
                });
        if (!tcp) {
            bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE));
        }
        ChannelFuture connected = bootstrap.disableResolver().connect(server);
        channel = connected.channel();
        connected.addListener(future -> {
            if (future.isSuccess()) {
                connected.channel().writeAndFlush(query(tcp)).addListener(written -> settleUnless(written, tcp));
            } else {
                settleUnless(future, tcp);
            }
        });
    }

    private void settleUnless(Future<?> future, boolean tcp) {
        if (!future.isSuccess()) {
            settle(new Answer.Failed((tcp ? "tcp: " : "") + problem(future.cause())));
        }
    }

    private DnsQuery query(boolean tcp) {
        DnsQuery query = tcp ? new DefaultDnsQuery(spelling.id()) : new DatagramDnsQuery(null, server, spelling.id());
        DnsQuestion spelled = new DefaultDnsQuestion(spelling.name() + ".", question.type());
        return query.setRecursionDesired(true)
                .addRecord(DnsSection.QUESTION, spelled)
                .addRecord(DnsSection.ADDITIONAL, new Payload());
    }

    private void settle(Answer answer) {
        if (!settled) {
            settled = true;
            deadline.cancel(false);
            close();
            done.accept(answer);
        }
    }

    private void close() {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    private static String problem(Throwable cause) {
        if (cause instanceof PortUnreachableException || cause instanceof ConnectException) {
            return "refused";
        }
        return String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    }

    /** Reads what comes back; what is not the answer to this question is passed over, and the deadline goes on. */
    private final class Answers extends SimpleChannelInboundHandler<DnsResponse> {
        private final boolean tcp;

        Answers(boolean tcp) {
            this.tcp = tcp;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DnsResponse response) {
            if (settled || response.id() != spelling.id() || response.count(DnsSection.QUESTION) != 1) {
                return;
            }
            DnsQuestion echo = response.recordAt(DnsSection.QUESTION);
            String asked = spelling.name() + ".";
            if (!echo.name().equalsIgnoreCase(asked) || !echo.type().equals(question.type())) {
                return;
            }
            if (!tcp && (response.isTruncated() || !echo.name().equals(asked))) {
                overTcp();
            } else {
                settle(Reading.read(response, question));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (tcp) {
                settle(new Answer.Failed("tcp: closed without an answer"));
            }
        }

        /** Garbage over UDP may be anybody's and is passed over; a closed port is the server's own word. */
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (tcp) {
                settle(new Answer.Failed("tcp: " + problem(cause)));
            } else if (!(cause instanceof DecoderException)) {
                settle(new Answer.Failed(problem(cause)));
            }
        }
    }

    /** Marks an answer that ends early as cut, whether or not the server said so. */
    private static final class UncutDecoder extends DatagramDnsResponseDecoder {
        @Override
        protected DnsResponse decodeResponse(ChannelHandlerContext context, DatagramPacket packet) throws Exception {
            DnsResponse response = super.decodeResponse(context, packet);
            return packet.content().isReadable() ? response.setTruncated(true) : response;
        }
    }

    /** The EDNS record of a query (RFC 6891). */
    private static final class Payload extends AbstractDnsOptPseudoRrRecord {
        Payload() {
            super(PAYLOAD);
        }
    }
}
