/* `pace`: HTTP requests at a fixed rate, each timed from the moment it was due, whether or not a connection was free for it then: a stall
   of the proxy is seen by every request that it delays. HTTP/1.1, or HTTP/2 by prior knowledge or over TLS. Anything but a 200 fails.
   `p99_window` is the median of the 99th percentiles of windows of 100 ms: what a stall of the machine, which hits few of them, leaves. */
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define ROOM (256 * 1024) /* what is held of one connection's answers */
#define STREAMS 100       /* in flight on an HTTP/2 connection: what servers commonly allow */
#define GIANT 0x7f000000  /* connection window: no WINDOW_UPDATE while measuring */
#define SETTLE 10         /* seconds for the last answers */
#define WINDOW 0.1        /* seconds, and a hundred requests at least */

enum frame { DATA, HEADERS, RESET = 3, SETTINGS, PUSH, PING, GOAWAY };
enum { END_STREAM = 1, ACK = 1 };

struct line {
    int fd, busy, id;
    SSL *tls;
    bool writing;
    uint32_t stream;
    uint64_t asked[STREAMS * 4]; /* which request a stream carries */
    size_t in, out;
    uint8_t answers[ROOM], asks[64 * 1024];
};

static const struct options *opt;
static int epoll_fd;
static double begin;
static uint64_t asked, answered, total;
static uint32_t *micros; /* of each request, in the order of when they were due */

static double due(uint64_t request) { return begin + (double)request / opt->rate; }

static ssize_t put(struct line *l, const void *data, size_t n) {
    if (!l->tls) return send(l->fd, data, n, 0);
    int done = SSL_write(l->tls, data, n);
    if (done <= 0 && SSL_get_error(l->tls, done) == SSL_ERROR_WANT_WRITE) errno = EAGAIN;
    return done <= 0 ? -1 : done;
}

static ssize_t get(struct line *l, void *data, size_t n) {
    if (!l->tls) return recv(l->fd, data, n, 0);
    int done = SSL_read(l->tls, data, n);
    if (done > 0) return done;
    int why = SSL_get_error(l->tls, done);
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return why == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static void flush(struct line *l) {
    ssize_t n = l->out ? put(l, l->asks, l->out) : 0;
    if (n < 0 && errno != EAGAIN) die("pace: connection %d: write: %m", l->id);
    if (n > 0) memmove(l->asks, l->asks + n, l->out -= n);
    if (l->writing != (l->out > 0)) {
        l->writing = l->out > 0;
        watch(epoll_fd, EPOLL_CTL_MOD, l->fd, EPOLLIN | (l->writing ? EPOLLOUT : 0), l);
    }
}

static void queue(struct line *l, const void *data, size_t n) {
    if (l->out + n > sizeof l->asks) die("pace: connection %d: does not read", l->id);
    memcpy(l->asks + l->out, data, n);
    l->out += n;
}

static void frame(struct line *l, enum frame type, int flags, uint32_t stream, const void *data, size_t n) {
    const uint8_t head[9] = {n >> 16, n >> 8, n, type, flags, stream >> 24, stream >> 16, stream >> 8, stream};
    queue(l, head, 9);
    queue(l, data, n);
}

static void ask(struct line *l) {
    const uint64_t request = asked++;
    l->busy++;
    if (opt->http == 1) {
        char text[128];
        l->asked[0] = request;
        queue(l, text, snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", opt->authority));
        return;
    }
    /* GET, the scheme and / are in the static table; the authority is a literal that is not indexed. */
    uint8_t block[128] = {0x82, l->tls ? 0x87 : 0x86, 0x84, 0x01, strlen(opt->authority)};
    memcpy(block + 5, opt->authority, block[4]);
    l->asked[l->stream / 2 % (STREAMS * 4)] = request;
    frame(l, HEADERS, 4 | END_STREAM, l->stream, block, 5 + block[4]);
    l->stream += 2;
}

static void complete(struct line *l, uint64_t request) {
    l->busy--;
    double took = (now() - due(request)) * 1e6;
    micros[request] = took < 4e9 ? took : 4e9;
    answered++;
}

/* Length of the whole answer at the front, or 0. */
static size_t http1_answer(struct line *l) {
    const char *text = (char *)l->answers;
    const char *end = memmem(text, l->in, "\r\n\r\n", 4);
    if (!end) return 0;
    if (l->in < 12 || memcmp(text, "HTTP/1.1 200", 12)) die("pace: connection %d: %.60s", l->id, text);
    const char *field = memmem(text, end - text, "\nContent-Length:", 16);
    if (!field) field = memmem(text, end - text, "\ncontent-length:", 16);
    if (!field) die("pace: connection %d: no Content-Length", l->id);
    size_t whole = end + 4 - text + strtoul(field + 16, NULL, 10);
    if (l->in < whole) return 0;
    complete(l, l->asked[0]);
    return whole;
}

static void end_stream(struct line *l, uint32_t stream) {
    if (stream >= l->stream || stream % 2 == 0) die("pace: connection %d: answer on stream %u", l->id, stream);
    complete(l, l->asked[stream / 2 % (STREAMS * 4)]);
}

static size_t http2_answer(struct line *l) {
    const uint8_t *f = l->answers;
    if (l->in < 9) return 0;
    size_t n = f[0] << 16 | f[1] << 8 | f[2];
    if (n + 9 > sizeof l->answers) die("pace: connection %d: frame of %zu bytes", l->id, n);
    if (l->in < n + 9) return 0;
    uint32_t stream = (f[5] & 127) << 24 | f[6] << 16 | f[7] << 8 | f[8];
    const uint8_t *block = f + 9;
    switch (f[3]) {
        case HEADERS:
            while (block < f + 9 + n && (*block & 0xe0) == 0x20) block++; /* table size updates below 31 */
            if (*block != 0x88) die("pace: connection %d: not a 200: field block begins with %02x", l->id, *block);
            /* fall through */
        case DATA:
            if (f[4] & END_STREAM) end_stream(l, stream);
            break;
        case SETTINGS:
        case PING:
            if (!(f[4] & ACK)) frame(l, f[3], ACK, 0, block, f[3] == PING ? n : 0);
            break;
        case RESET: die("pace: connection %d: stream %u reset with %u", l->id, stream, block[3]);
        case GOAWAY: die("pace: connection %d: GOAWAY with %u", l->id, block[7]);
        default: break;
    }
    return n + 9;
}

static void hear(struct line *l) {
    for (ssize_t n; (n = get(l, l->answers + l->in, sizeof l->answers - l->in)) != -1 || errno != EAGAIN;) {
        if (n <= 0) die("pace: connection %d: %s", l->id, n ? strerror(errno) : "closed by the proxy");
        l->in += n;
        for (size_t whole; l->in && (whole = opt->http == 1 ? http1_answer(l) : http2_answer(l));)
            memmove(l->answers, l->answers + whole, l->in -= whole);
    }
}

static void open_line(struct line *l, int id, SSL_CTX *tls) {
    l->id = id;
    l->stream = 1;
    l->fd = connect_to(opt->port, true);
    if (l->fd < 0) die("pace: connection %d: %m", id);
    if (tls) l->tls = tls_connect(tls, l->fd, opt->sni);
    nonblocking(l->fd);
    watch(epoll_fd, EPOLL_CTL_ADD, l->fd, EPOLLIN, l);
    if (opt->http == 1) return;
    queue(l, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    frame(l, SETTINGS, 0, 0, "\0\2\0\0\0\0", 6);
    const uint8_t window[4] = {GIANT >> 24};
    frame(l, 8, 0, 0, window, 4);
    flush(l);
}

static SSL_CTX *alpn(void) {
    SSL_CTX *tls = tls_client();
    SSL_CTX_set_alpn_protos(tls, (const uint8_t *)(opt->http == 1 ? "\10http/1.1" : "\2h2"), opt->http == 1 ? 9 : 3);
    return tls;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Sorts them. */
static uint32_t quantile(uint32_t *of, uint64_t count, double q) {
    qsort(of, count, sizeof *of, ascending);
    return of[(uint64_t)(q * (count - 1))];
}

/* While they are in the order of when they were due. */
static uint32_t window_p99(void) {
    const uint64_t each = opt->rate * WINDOW < 100 ? 100 : (uint64_t)(opt->rate * WINDOW), windows = (total + each - 1) / each;
    uint32_t *p99 = calloc(windows, sizeof *p99);
    for (uint64_t i = 0; i < windows; i++) {
        const uint64_t left = total - i * each, count = left < each ? left : each;
        p99[i] = quantile(micros + i * each, count, 0.99);
    }
    const uint32_t median = quantile(p99, windows, 0.5);
    free(p99);
    return median;
}

static void dispatch(struct line *lines) {
    static int next;
    const int most = opt->http == 1 ? 1 : STREAMS;
    for (int tried = 0; asked < total && due(asked) <= now() && tried < opt->connections; next++) {
        struct line *l = &lines[next % opt->connections];
        if (l->busy >= most) {
            tried++;
            continue;
        }
        tried = 0;
        ask(l);
    }
    for (int i = 0; i < opt->connections; i++)
        if (lines[i].out && !lines[i].writing) flush(&lines[i]);
}

int pace(const struct options *o) {
    opt = o;
    if (opt->rate <= 0) die("pace: --rate: expected requests a second");
    total = (uint64_t)(opt->rate * opt->seconds);
    micros = calloc(total + 1, sizeof *micros);
    epoll_fd = poller();
    struct line *lines = calloc(o->connections, sizeof *lines);
    SSL_CTX *tls = o->tls ? alpn() : NULL;
    for (int i = 0; i < o->connections; i++) open_line(&lines[i], i, tls);
    begin = now() + 0.05;
    while (answered < total) {
        struct epoll_event ready[64];
        double wait = asked < total ? due(asked) - now() : 1;
        const struct timespec until = {0, wait <= 0 ? 0 : wait >= 1 ? 999999999 : (long)(wait * 1e9)};
        int n = epoll_pwait2(epoll_fd, ready, 64, &until, NULL);
        for (int i = 0; i < n; i++) {
            hear(ready[i].data.ptr);
            flush(ready[i].data.ptr);
        }
        dispatch(lines);
        if (now() > due(total) + SETTLE)
            die("pace: %llu of %llu unanswered %d s after the end", (unsigned long long)(total - answered),
                (unsigned long long)total, SETTLE);
    }
    double seconds = now() - begin;
    printf("{\"requests\": %llu, \"seconds\": %.6f, \"p99_window\": %.4f", (unsigned long long)answered, seconds, window_p99() / 1e3);
    const struct { const char *name; double q; } of[] = {{"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
    for (int i = 0; i < 4; i++) printf(", \"%s\": %.4f", of[i].name, quantile(micros, total, of[i].q) / 1e3);
    printf("}\n");
    return 0;
}
