package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Loops;
import dev.ugate.policy.Rules;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Pressure;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Stream;
import dev.ugate.testing.Joined;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Waist;
import dev.ugate.testing.Wire;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class GatekeeperTest {
    private final Ways ways = new Ways();
    private final Notes notes = new Notes();
    private final LiveStreams live = new LiveStreams();
    private final Gatekeeper gate = new Gatekeeper(
            List.of(),
            ways.outbound,
            (intent, request, informational) -> ways.loop.newFailedFuture(Refused.malformed("no HTTP here")),
            live,
            new Rates(System::nanoTime));
    private final Wire wire = Wire.local(Listening.open().journal(notes));
    private final Told stream = new Told();

    /** A stream that notes what it was told. */
    private final class Told implements Stream {
        final List<String> told = new ArrayList<>();

        @Override
        public Intent intent() {
            return Ways.to(Ways.NEAR, "203.0.113.1:80");
        }

        @Override
        public Channel channel() {
            return wire;
        }

        @Override
        public void accepted(Channel upstream) {
            told.add("accepted");
        }

        @Override
        public void refused(Refused why) {
            told.add(why.reason().label());
            wire.close();
        }
    }

    @AfterEach
    void stop() {
        wire.close();
        ways.close();
    }

    private Journal.Ended ended() {
        assertThat(notes.ended()).hasSize(1);
        assertThat(live.count()).isZero();
        return notes.ended().get(0);
    }

    @Test
    void aRefusedStreamIsToldAndBookedOnce() {
        gate.open(stream);
        assertThat(wire.config().isAutoRead()).isFalse();
        ways.settle();
        assertThat(live.rows(10)).singleElement().satisfies(row -> {
            assertThat(row.to()).isEqualTo(new HostPort("203.0.113.1", 80));
            assertThat(row.endpoint()).hasValue("203.0.113.1:80");
            assertThat(row.listener()).isEqualTo("test");
        });
        ways.answers.get(0).setFailure(Refused.because(Refusal.CONNECTION_REFUSED, "connect: refused"));
        await().until(() -> !stream.told.isEmpty());
        assertThat(stream.told).containsExactly("connection_refused");
        assertThat(ended().refused())
                .hasValueSatisfying(
                        why -> assertThat(why.text()).isEqualTo("endpoint 203.0.113.1:80: connect: refused"));
        assertThat(ended().endpoint()).hasValue("203.0.113.1:80");
    }

    @Test
    void aClientThatLeavesWhileDiallingCancelsTheDial() {
        gate.open(stream);
        ways.settle();
        wire.close();
        await().until(() -> ways.answers.get(0).isCancelled());
        await().until(() -> live.count() == 0);
        assertThat(ended().refused())
                .hasValueSatisfying(why -> assertThat(why.text()).startsWith("client: went away"));
    }

    @Test
    void refusesWhileDraining() {
        gate.drain();
        gate.open(stream);
        assertThat(stream.told).containsExactly("draining");
        assertThat(ended().refused()).isPresent();
        assertThat(ways.asked).hasValue(0);
    }

    @Test
    void t67OneMemberHasSoManyStreamsAndNoMore() {
        Peer member = Ways.NEAR.withIdentity(new Identity("spiffe://td/ns/a/sa/a", Identity.Proof.CERTIFICATE));
        Peer user = Ways.NEAR.withIdentity(new Identity("user:a", Identity.Proof.PASSWORD));
        List<Account> accounts = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            accounts.add(new Account(Intent.bytes("hbone", member, new HostPort("a.m", 80)), wire, live));
            accounts.add(new Account(Intent.bytes("socks5", user, new HostPort("a.m", 80)), wire, live));
        }
        live.bound(user, 1);
        live.bound(member, 2);
        assertThatThrownBy(() -> live.bound(member, 1))
                .hasMessageStartingWith("limit meshStreams: spiffe://td/ns/a/sa/a");
        accounts.forEach(account -> account.ended(0, 0, Optional.empty()));
        live.bound(member, 0);
    }

    @Test
    void refusesWhileMemoryIsShort() {
        AtomicReference<Pressure> pressure = new AtomicReference<>(Pressure.REFUSE);
        Ingress terms = Listening.open().ingress();
        Settings settings = new Settings(Timeouts.STANDARD, Limits.STANDARD, notes, pressure::get);
        Connection.accepted(
                        new Ingress(
                                terms.name(),
                                terms.forward(),
                                terms.protocols(),
                                terms.port(),
                                terms.users(),
                                terms.trustedProxies(),
                                terms.target(),
                                terms.fallback(),
                                settings),
                        Ways.NEAR)
                .on(wire);
        gate.open(stream);
        assertThat(stream.told).containsExactly("overloaded");
        pressure.set(Pressure.TRIM);
        Told again = new Told();
        gate.open(again);
        assertThat(again.told).doesNotContain("overloaded");
    }

    @Test
    void peelsFourLayersAndNotFive() {
        Wire deep = Wire.local(Listening.open().journal(notes));
        for (int depth = 0; depth < 4; depth++) {
            Connection.of(deep).deeper().on(deep);
        }
        gate.enter(deep);
        assertThat(deep.isOpen()).isTrue();
        deep.close();
        Wire deeper = Wire.local(Listening.open().journal(notes));
        for (int depth = 0; depth < 5; depth++) {
            Connection.of(deeper).deeper().on(deeper);
        }
        gate.enter(deeper);
        assertThat(deeper.isOpen()).isFalse();
        assertThat(notes.failed())
                .singleElement()
                .satisfies(why -> assertThat(why.reason()).isEqualTo(Refusal.LOOP));
    }

    private static Socket connect(Waist waist, HostPort target) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(20_000);
        socket.connect(waist.opaque(target).address());
        return socket;
    }

    /** Both sockets are freed: the client's at once, the upstream's because its dial was cancelled. */
    @ParameterizedTest
    @EnumSource(
            value = Loops.Backend.class,
            names = {"EPOLL", "IO_URING"})
    void aResetWhileDiallingFreesBothSockets(Loops.Backend backend) throws IOException {
        try (Waist waist = Waist.standard(backend)) {
            List<Promise<Channel>> dials = new CopyOnWriteArrayList<>();
            waist.transports.add("tcp", (dial, loop) -> {
                Promise<Channel> never = loop.newPromise();
                dials.add(never);
                return never;
            });
            Socket client = connect(waist, new HostPort("203.0.113.1", 9));
            await().until(() -> dials.size() == 1);
            Joined.reset(client);
            await().until(() -> dials.get(0).isCancelled());
            await().until(() -> waist.admission.connections() == 0 && waist.live.count() == 0);
            assertThat(waist.notes.ended()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aClientThatWentDuringTheDialFreesBothSocketsAfterIt(Loops.Backend backend) throws IOException {
        try (Waist waist = Waist.standard(backend);
                ServerSocket server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 50; i++) {
                Joined.reset(connect(waist, new HostPort("127.0.0.1", server.getLocalPort())));
            }
            await().until(() -> waist.admission.connections() == 0 && waist.live.count() == 0);
            assertThat(waist.admission.handshakes()).isZero();
        }
    }

    @Test
    void aBugInAProtocolClosesBothSides() throws IOException {
        try (Joined joined = new Joined(Loops.Backend.EPOLL, Limits.STANDARD)) {
            Waist waist = Waist.standard(Loops.Backend.EPOLL);
            waist.transports.add(
                    "tcp", (dial, loop) -> joined.client.eventLoop().newSucceededFuture(joined.upstream));
            Connection.accepted(Listening.open().journal(notes).ingress(), Ways.NEAR)
                    .on(joined.client);
            joined.client
                    .eventLoop()
                    .execute(() -> waist.gate.open(new Stream() {
                        @Override
                        public Intent intent() {
                            return Ways.to(Ways.NEAR, "203.0.113.1:80");
                        }

                        @Override
                        public Channel channel() {
                            return joined.client;
                        }

                        @Override
                        public void accepted(Channel upstream) {
                            throw new IllegalStateException("boom");
                        }

                        @Override
                        public void refused(Refused why) {
                            throw new AssertionError(why);
                        }
                    }));
            await().until(() -> !joined.client.isOpen() && !joined.upstream.isOpen());
            await().until(() -> waist.live.count() == 0);
            assertThat(notes.ended())
                    .singleElement()
                    .satisfies(end -> assertThat(end.refused()).isPresent());
            waist.close();
        }
    }

    @Test
    void anEarlyRefusalIsBookedWithoutAnEndpoint() {
        ways.decide(new Rules(List.of(), List.of(), false));
        gate.open(stream);
        assertThat(stream.told).containsExactly("denied");
        assertThat(ended().endpoint()).isEqualTo(Optional.empty());
        assertThat(ended().route()).isEqualTo("-");
    }
}
