package dev.ugate.protocols.http.client;

import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.ProxyError;
import dev.ugate.model.http.Tries;
import dev.ugate.net.Failures;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.net.pool.RequestCounts.Event;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.RoundTrip;
import dev.ugate.spi.Settings;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Sends a request again that nobody answered with a byte (L29): any request that was certainly not acted on, else one whose method may
 * be repeated (RFC 9110 §9.2.2); never one of whose body more went out than was kept. Each try is dialled anew.
 */
public final class Retry implements RoundTrip {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE");

    // L29: the pause is random, at most 25 ms before the first retry, doubling up to 1 s.
    private static final long FIRST_PAUSE_MILLIS = 25;
    private static final long LONGEST_PAUSE_MILLIS = 1000;
    private static final int LONGEST_SHIFT = 6;

    /** Retries at once that a loop with few requests may have in spite of the budget. */
    private static final int LEAST = 3;

    private final RoundTrip next;
    private final Supplier<Settings> settings;
    private final RequestCounts counts;
    private final FastThreadLocal<Load> loads = new FastThreadLocal<>() {
        @Override
        protected Load initialValue() {
            return new Load();
        }
    };

    public Retry(RoundTrip next, Supplier<Settings> settings, RequestCounts counts) {
        this.next = next;
        this.settings = settings;
        this.counts = counts;
    }

    /** What one loop has under way. */
    private static final class Load {
        private int requests;
        private int retries;
    }

    @Override
    public Future<Reply> send(Intent intent, Request request, Informational informational) {
        Load load = loads.get();
        load.requests++;
        Attempts attempts = new Attempts(intent, request, informational, load);
        if (attempts.most() > 0) {
            KeptBody.begin(request, settings);
        }
        Future<Reply> first = next.send(intent, request, attempts);
        if (first.isSuccess()) {
            load.requests--;
            KeptBody.drop(request);
            return first;
        }
        attempts.follow(first);
        return attempts.reply;
    }

    /** One request until it is answered or given up. */
    private final class Attempts implements Informational {
        private final Intent intent;
        private final Request request;
        private final Informational informational;
        private final Load load;
        private final Promise<Reply> reply;
        private Future<?> current;
        private int retries;
        private boolean informed;

        Attempts(Intent intent, Request request, Informational informational, Load load) {
            this.intent = intent;
            this.request = request;
            this.informational = informational;
            this.load = load;
            this.reply = request.body().eventLoop().newPromise();
            this.current = reply;
        }

        @Override
        public void inform(int status, Fields fields) {
            informed = true;
            informational.inform(status, fields);
        }

        void follow(Future<Reply> attempt) {
            current = attempt;
            if (retries == 0) {
                reply.addListener(done -> {
                    load.requests--;
                    KeptBody.drop(request);
                    if (done.isCancelled()) {
                        current.cancel(false);
                    }
                });
            }
            attempt.addListener(done -> {
                if (retries > 0) {
                    load.retries--;
                }
                if (!done.isSuccess()) {
                    failed(attempt);
                } else if (isUnwelcome(attempt.getNow()) && isPossible() && isAffordable()) {
                    Reply unwelcome = attempt.getNow();
                    pauseAndRepeat(
                            Refused.because(Refusal.UNREACHABLE, "upstream: answered with " + unwelcome.status()));
                    unwelcome.body().close();
                } else if (!reply.trySuccess(attempt.getNow())) {
                    attempt.getNow().body().close();
                }
            });
        }

        private void failed(Future<Reply> attempt) {
            if (attempt.isCancelled()) {
                reply.cancel(false);
                return;
            }
            Refused why = Failures.refused(attempt.cause());
            if (!mayRepeat(why) || !isPossible() || !isLeftOut(why) && !isAffordable()) {
                reply.tryFailure(why);
                return;
            }
            pauseAndRepeat(why);
        }

        /** An upstream that leaves in order is not one that fails: all that it left out goes elsewhere (RFC 9113 §6.8). */
        private static boolean isLeftOut(Refused why) {
            return why.isUntouched()
                    && why.error()
                            .filter(ProxyError.CONNECTION_TERMINATED::equals)
                            .isPresent();
        }

        /** Whether the route wants another try after this status. */
        private boolean isUnwelcome(Reply answer) {
            return tries().filter(retry -> retry.codes().contains(answer.status()))
                            .isPresent()
                    && IDEMPOTENT.contains(request.method())
                    && !informed
                    && isAwaited();
        }

        private void pauseAndRepeat(Refused why) {
            retries++;
            load.retries++;
            counts.add(Event.RETRY);
            KeptBody.rest(request);
            // Never cancelled: it is what gives the retry back to the budget when nobody waits any more.
            request.body().eventLoop().schedule(() -> again(why), pause(), TimeUnit.MILLISECONDS);
        }

        private boolean mayRepeat(Refused why) {
            boolean temporary = why.reason() == Refusal.UNREACHABLE
                    || why.reason() == Refusal.CONNECTION_REFUSED
                    || why.reason() == Refusal.TIMED_OUT;
            boolean harmless = why.isUntouched() || why.isUnanswered() && IDEMPOTENT.contains(request.method());
            return temporary && harmless && !informed && isAwaited();
        }

        private Optional<Tries.Retry> tries() {
            return request.tries().retry();
        }

        private boolean isAwaited() {
            return !reply.isDone() && request.body().isActive();
        }

        /** Whether another try is left, and can be sent what the last one was. */
        private boolean isPossible() {
            if (retries >= most()) {
                return false;
            }
            if (!KeptBody.isWhole(request)) {
                counts.add(Event.BODY_NOT_KEPT);
                return false;
            }
            return true;
        }

        private boolean isAffordable() {
            int budget = Math.max(LEAST, load.requests * upstream().retryBudget() / 100);
            if (load.retries >= budget) {
                counts.add(Event.BUDGET_SPENT);
                return false;
            }
            return true;
        }

        /** How often it may be sent again. */
        private int most() {
            return tries().map(Tries.Retry::attempts).orElseGet(() -> upstream().retries());
        }

        private Limits.Upstream upstream() {
            return settings.get().limits().upstream();
        }

        private long pause() {
            long most = Math.min(FIRST_PAUSE_MILLIS << Math.min(retries - 1, LONGEST_SHIFT), LONGEST_PAUSE_MILLIS);
            long least = tries().flatMap(Tries.Retry::backoff)
                    .map(Duration::toMillis)
                    .orElse(0L);
            return least + ThreadLocalRandom.current().nextLong(most) + 1;
        }

        private void again(Refused why) {
            if (isAwaited() && KeptBody.isWhole(request)) {
                request.repeated();
                follow(next.send(intent, request, this));
                return;
            }
            load.retries--;
            if (isAwaited()) {
                counts.add(Event.BODY_NOT_KEPT);
                reply.tryFailure(why);
            } else {
                reply.cancel(false);
            }
        }
    }
}
