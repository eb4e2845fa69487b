package dev.ugate.gate.http;

import dev.ugate.model.http.Fields;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;

/** The body of a reply that is made here; whatever the request still sends is swallowed. */
public final class FixedBody implements ForeignChannel.Far {
    private final ForeignChannel channel;
    private final String text;
    private boolean said;

    private FixedBody(Channel parent, String text) {
        this.channel = new ForeignChannel(parent, this);
        this.text = text;
        parent.eventLoop().register(channel);
    }

    /** A whole reply to a request; must be called on its loop. */
    public static Reply reply(Request request, int status, Fields fields, String text) {
        boolean bodiless = status == 204 || status == 304 || request.method().equals("HEAD");
        // A length in 304 would be that of a 200, which is not known here (RFC 9110 §8.6).
        int length = status == 304 ? -1 : status == 204 ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
        FixedBody body = new FixedBody(request.body(), bodiless ? "" : text);
        return new Reply(status, fields, length, body.channel);
    }

    /** Only when somebody reads, so that head and body leave together. */
    @Override
    public void read() {
        if (!said) {
            said = true;
            if (!text.isEmpty()) {
                channel.offer(ByteBufUtil.writeUtf8(channel.alloc(), text));
            }
            channel.offer(Fin.FIN);
            channel.ready();
        }
    }

    @Override
    public int write(ByteBuf bytes) {
        return bytes.readableBytes();
    }

    @Override
    public void finish(Fin fin) {
        // The end of a request that nobody reads.
    }

    @Override
    public void close() {
        said = true;
    }
}
