package dev.ugate.protocols.http.h2;

import dev.ugate.model.HostPort;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.pool.Shared;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.protocols.http.semantics.Lease;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Settings;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Optional;
import java.util.function.Supplier;

/** The client side of one HTTP/2 connection: as many requests at once as both sides allow, each on a stream of its own. */
public final class ClientConnection implements Role, Upstream {
    private static final int LAST_NUMBER = Integer.MAX_VALUE - 2;

    private final Supplier<Settings> settings;
    private final Shared.Keeper<Upstream> keeper;
    private final boolean mesh;
    private final Engine engine;
    private int next = 1;
    private int reserved;
    private long idleSince;
    private State state = State.FREE;

    /** What the keeper knows of it. */
    private enum State {
        FREE,
        FULL,
        GONE
    }

    /** Takes a dialled channel, which it reads from now on; {@code mesh} where it is to carry the tunnels of the mesh. */
    public ClientConnection(
            Channel channel, Supplier<Settings> settings, Shared.Keeper<Upstream> keeper, boolean mesh) {
        this.settings = settings;
        this.keeper = keeper;
        this.mesh = mesh;
        this.engine = new Engine(channel, this, settings.get());
        this.idleSince = engine.now();
    }

    /** Says the first words; requests need not wait for the answer to them (RFC 9113 §3.4). */
    @Override
    public void begin() {
        engine.channel().pipeline().addLast(engine);
        if (!engine.channel().isActive()) {
            engine.departure().abort();
        }
    }

    @Override
    public int places() {
        if (state == State.GONE || !engine.channel().isActive()) {
            return 0;
        }
        // A stream that the peer refuses can be had elsewhere; a tunnel of the mesh waits until it said how many it
        // takes.
        long allowed = engine.peer().known() ? engine.peer().streams() : mesh ? 1 : terms().http2Streams();
        long most = Math.min(allowed, terms().http2Streams());
        int places = (int) Math.max(0, most - reserved - engine.streams().size());
        if (places == 0) {
            state = State.FULL;
        }
        return places;
    }

    /** Whether it begins nothing more, at whoever's word. */
    public boolean leaves() {
        return state == State.GONE
                || !engine.channel().isActive()
                || engine.departure().begun();
    }

    private Limits.Http2 terms() {
        return settings.get().limits().http2();
    }

    @Override
    public Channel lease() {
        if (places() == 0) {
            throw new IllegalStateException("connection: full");
        }
        H2Stream stream = reserve();
        ClientExchange exchange =
                new ClientExchange(this, stream, settings.get().timeouts());
        stream.owner(exchange);
        stream.child().attr(Lease.KEY).set(exchange);
        return stream.child();
    }

    /**
     * Asks for a tunnel to {@code authority} (RFC 9113 §8.5), or with {@code protocol} for what that is (RFC 8441). The channel reads and
     * writes its bytes; it fails with {@link Refused}. Only while there are {@link #places}.
     */
    public Future<Channel> tunnel(HostPort authority, Optional<String> protocol, Fields fields) {
        if (places() == 0) {
            throw new IllegalStateException("connection: full");
        }
        Promise<Channel> opened = engine.channel().eventLoop().newPromise();
        tunnel(reserve(), new ClientTunnel.Asked(authority, protocol, fields), opened);
        return opened;
    }

    /** The same on a reserved stream. */
    void tunnel(H2Stream stream, ClientTunnel.Asked asked, Promise<Channel> opened) {
        ClientTunnel tunnel = new ClientTunnel(stream, opened);
        stream.owner(tunnel);
        try {
            open(stream);
            tunnel.begin(asked);
        } catch (Refused refused) {
            opened.tryFailure(refused);
            stream.child().close();
        }
    }

    private H2Stream reserve() {
        reserved++;
        idleSince = Long.MAX_VALUE;
        H2Stream stream = new H2Stream(engine);
        stream.in().awaitHead();
        stream.child().closeFuture().addListener(closed -> {
            if (stream.id() == 0) {
                reserved--;
                changed();
            }
        });
        return stream;
    }

    /** The reserved stream gets its number; throws {@link Refused} untouched when the connection takes none any more. */
    void open(H2Stream stream) {
        if (leaves()) {
            throw Refused.untouched(Refusal.UNREACHABLE, "http2: connection takes no more requests");
        }
        reserved--;
        stream.open(next, engine.peer().window());
        next += 2;
        engine.streams().add(stream);
        engine.pulse().opened();
        if (next >= LAST_NUMBER) {
            retire();
        }
    }

    /** Runs {@code next} once the peer's settings are known, or the connection is gone. */
    void whenKnown(Runnable next) {
        if (state == State.GONE) {
            next.run();
        } else {
            engine.peer().whenKnown(next);
        }
    }

    /** Whether the peer takes extended CONNECT (RFC 8441). */
    public boolean takesProtocols() {
        return engine.peer().connectProtocol();
    }

    @Override
    public long idleSince() {
        return idleSince;
    }

    @Override
    public void retire() {
        engine.departure().drain();
    }

    @Override
    public boolean serves() {
        return false;
    }

    @Override
    public boolean awaitsStreams() {
        return false;
    }

    @Override
    public boolean isMesh() {
        return mesh;
    }

    @Override
    public void begun(H2Stream stream, HeaderBlock block, boolean end) {
        throw new IllegalStateException("a client gets no requests");
    }

    /** Looks at what can be begun now, and tells the keeper when that has changed. */
    @Override
    public void known() {
        if (state != State.GONE) {
            keeper.known(this);
        }
    }

    @Override
    public void changed() {
        if (state == State.GONE) {
            return;
        }
        if (engine.departure().begun() || !engine.channel().isActive()) {
            state = State.GONE;
            keeper.gone(this);
            return;
        }
        if (reserved == 0 && engine.streams().size() == 0) {
            idleSince = engine.now();
        }
        // Only a keeper who saw that there was no place is told that there is one.
        boolean seen = state == State.FULL;
        state = State.FREE;
        if (seen && places() > 0) {
            keeper.freed(this);
        }
    }

    @Override
    public void failed(Violation why) {
        // Each request that it ends is told.
    }
}
