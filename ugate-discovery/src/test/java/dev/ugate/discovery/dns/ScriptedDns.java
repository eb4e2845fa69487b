package dev.ugate.discovery.dns;

import dev.ugate.model.Ip;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A DNS server on one loopback port, UDP and TCP, that says what tests tell it to: the truth, nothing, or something wrong. */
final class ScriptedDns implements AutoCloseable {
    /** Writes the reply to one question. */
    @FunctionalInterface
    interface Script {
        void fill(Reply reply);
    }

    /** A reply in the making; starts as the true echo of its question without records. */
    static final class Reply {
        final String name;
        final boolean tcp;
        String echo;
        int id;
        boolean dropped;
        boolean cut;
        DnsResponseCode code = DnsResponseCode.NOERROR;
        final List<DnsRecord> answers = new ArrayList<>();
        final List<DnsRecord> authority = new ArrayList<>();
        final List<Reply> before = new ArrayList<>();

        Reply(String echo, int id, boolean tcp) {
            this.echo = echo;
            this.name = echo.toLowerCase(Locale.ROOT);
            this.id = id;
            this.tcp = tcp;
        }

        Reply address(String owner, long ttl, String address) {
            byte[] bytes = Ip.parse(address).orElseThrow().getAddress();
            return record(owner, bytes.length == 4 ? DnsRecordType.A : DnsRecordType.AAAA, ttl, bytes);
        }

        Reply alias(String owner, long ttl, String target) {
            return record(owner, DnsRecordType.CNAME, ttl, wire(target));
        }

        Reply record(String owner, DnsRecordType type, long ttl, byte[] data) {
            answers.add(new DefaultDnsRawRecord(owner, type, ttl, Unpooled.wrappedBuffer(data)));
            return this;
        }

        Reply soa(long ttl, long minimum) {
            ByteBuf data = Unpooled.buffer();
            data.writeBytes(wire("ns.test"))
                    .writeBytes(wire("root.test"))
                    .writeInt(1)
                    .writeInt(3600)
                    .writeInt(600);
            data.writeInt(86_400).writeInt((int) minimum);
            authority.add(new DefaultDnsRawRecord("test.", DnsRecordType.SOA, ttl, data));
            return this;
        }
    }

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
    private final Channel udp;
    private final Channel tcp;

    ScriptedDns() throws InterruptedException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Bootstrap datagrams =
                new Bootstrap().group(group).channel(NioDatagramChannel.class).handler(pipeline(false));
        ServerBootstrap connections = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(pipeline(true));
        ChannelFuture listening = connections.bind(any).sync();
        ChannelFuture bound = datagrams.bind(listening.channel().localAddress()).await();
        // The port that is free for TCP may be taken for UDP by somebody else.
        for (int i = 0; i < 20 && !bound.isSuccess(); i++) {
            listening.channel().close().sync();
            listening = connections.bind(any).sync();
            bound = datagrams.bind(listening.channel().localAddress()).await();
        }
        udp = bound.sync().channel();
        tcp = listening.channel();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) udp.localAddress();
    }

    /** The text of this server's address in errors. */
    String text() {
        return "127.0.0.1:" + address().getPort();
    }

    void on(String name, DnsRecordType type, Script script) {
        scripts.put(type.name() + " " + name + ".", script);
    }

    /** Both families; IPv4 and IPv6 addresses go where they belong. */
    void on(String name, long ttl, String... addresses) {
        on(name, DnsRecordType.A, reply -> fill(reply, ttl, addresses, false));
        on(name, DnsRecordType.AAAA, reply -> fill(reply, ttl, addresses, true));
    }

    void on(String name, Script script) {
        on(name, DnsRecordType.A, script);
        on(name, DnsRecordType.AAAA, script);
    }

    private static void fill(Reply reply, long ttl, String[] addresses, boolean six) {
        reply.soa(60, 60);
        for (String address : addresses) {
            if (address.contains(":") == six) {
                reply.address(reply.name, ttl, address);
            }
        }
    }

    /** Every question so far: {@code A db.test}, {@code tcp A db.test}. */
    List<String> asked() {
        return asked;
    }

    /** Every UDP port that questions came from. */
    Set<Integer> ports() {
        return ports;
    }

    static Script code(DnsResponseCode code) {
        return reply -> reply.code = code;
    }

    static Script silence() {
        return reply -> reply.dropped = true;
    }

    static byte[] wire(String name) {
        ByteBuf out = Unpooled.buffer();
        for (String label : name.split("\\.")) {
            byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
            out.writeByte(bytes.length).writeBytes(bytes);
        }
        out.writeByte(0);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private ChannelInitializer<Channel> pipeline(boolean overTcp) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (overTcp) {
                    channel.pipeline()
                            .addLast(new TcpDnsQueryDecoder(), new TcpDnsResponseEncoder(), new Answering(true));
                } else {
                    channel.pipeline()
                            .addLast(
                                    new DatagramDnsQueryDecoder(),
                                    new DatagramDnsResponseEncoder(),
                                    new Answering(false));
                }
            }
        };
    }

    private final class Answering extends SimpleChannelInboundHandler<DnsQuery> {
        private final boolean overTcp;

        Answering(boolean overTcp) {
            this.overTcp = overTcp;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DnsQuery query) {
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            String name = question.name().toLowerCase(Locale.ROOT);
            String key = question.type().name() + " " + name;
            asked.add((overTcp ? "tcp " : "") + key.substring(0, key.length() - 1));
            if (query instanceof DatagramDnsQuery datagram) {
                ports.add(datagram.sender().getPort());
            }
            Reply reply = new Reply(question.name(), query.id(), overTcp);
            scripts.getOrDefault(key, ScriptedDns::unknown).fill(reply);
            for (Reply earlier : reply.before) {
                send(context, query, question, earlier);
            }
            send(context, query, question, reply);
        }

        private void send(ChannelHandlerContext context, DnsQuery query, DnsQuestion question, Reply reply) {
            if (reply.dropped) {
                return;
            }
            DnsResponse response = query instanceof DatagramDnsQuery datagram
                    ? new DatagramDnsResponse(
                            datagram.recipient(), datagram.sender(), reply.id, DnsOpCode.QUERY, reply.code)
                    : new DefaultDnsResponse(reply.id, DnsOpCode.QUERY, reply.code);
            response.setTruncated(reply.cut);
            response.addRecord(DnsSection.QUESTION, new DefaultDnsQuestion(reply.echo, question.type()));
            reply.answers.forEach(record -> response.addRecord(DnsSection.ANSWER, record));
            reply.authority.forEach(record -> response.addRecord(DnsSection.AUTHORITY, record));
            context.writeAndFlush(response);
        }
    }

    private static void unknown(Reply reply) {
        reply.code = DnsResponseCode.NXDOMAIN;
        reply.soa(60, 60);
    }

    @Override
    public void close() {
        udp.close().syncUninterruptibly();
        tcp.close().syncUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
