/* `push`: moves the pattern through N connections, half-closes each, and demands the sink's verdict. */
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct flow {
    int fd;
    bool closing;
    SSL *tls;
    BIO *sealed;        /* records not yet on the wire, with TLS */
    uint8_t *rest;
    size_t rest_length;
    uint64_t sent;
    struct verdict said;
    size_t heard;
};

static int epoll_fd, open_flows;
static uint64_t quota;  /* bytes a flow sends; 0 = until the deadline */
static double deadline;

static void open_flow(struct flow *f, const struct options *o, SSL_CTX *ctx) {
    f->fd = connect_to(o->port, true);
    if (f->fd < 0) die("connect to %d: %m", o->port);
    handshake(f->fd, o);
    if (o->tls) {
        f->tls = tls_connect(ctx, f->fd, o->sni);
        f->sealed = BIO_new(BIO_s_mem());
        SSL_set0_wbio(f->tls, f->sealed);
    } else if (o->sni) {
        uint8_t hello[4096];
        size_t n = client_hello(hello, sizeof hello, o->sni);
        if (send(f->fd, hello, n, 0) != (ssize_t)n) die("hello: send: %m");
    }
    nonblocking(f->fd);
    watch(epoll_fd, EPOLL_CTL_ADD, f->fd, EPOLLOUT, f);
    open_flows++;
}

static size_t wanted(const struct flow *f) {
    if (f->closing) return 0;
    if (!quota) return now() < deadline ? CHUNK : 0;
    return quota - f->sent < CHUNK ? quota - f->sent : CHUNK;
}

static void half_close(struct flow *f) {
    if (!f->tls) shutdown(f->fd, SHUT_WR);
    watch(epoll_fd, EPOLL_CTL_MOD, f->fd, EPOLLIN, f);
}

/* One write of up to CHUNK; a partial one leaves the rest for the next turn. */
static void write_plain(struct flow *f) {
    size_t n = wanted(f);
    if (!n) {
        f->closing = true;
        half_close(f);
        return;
    }
    ssize_t done = send(f->fd, pattern_at(f->sent), n, 0);
    if (done > 0) f->sent += done;
    else if (errno != EAGAIN) die("send after %llu bytes: %m", (unsigned long long)f->sent);
}

static void seal(struct flow *f) {
    size_t n = wanted(f);
    (void)BIO_reset(f->sealed);
    if (n) {
        /* partial writes are on: one call seals one record */
        for (size_t done = 0; done < n;) {
            int k = SSL_write(f->tls, pattern_at(f->sent), n - done > 16384 ? 16384 : n - done);
            if (k <= 0) die("tls: seal after %llu bytes", (unsigned long long)f->sent);
            done += k;
            f->sent += k;
        }
    } else {
        f->closing = true;
        SSL_shutdown(f->tls);
    }
    f->rest_length = BIO_get_mem_data(f->sealed, &f->rest);
}

static void write_tls(struct flow *f) {
    if (!f->rest_length) seal(f);
    ssize_t done = send(f->fd, f->rest, f->rest_length, 0);
    if (done < 0 && errno != EAGAIN) die("tls: send after %llu bytes: %m", (unsigned long long)f->sent);
    if (done > 0) f->rest += done, f->rest_length -= done;
    if (f->closing && !f->rest_length) half_close(f);
}

static void listen_to(struct flow *f) {
    uint8_t *into = (uint8_t *)&f->said + f->heard;
    size_t room = sizeof f->said - f->heard;
    ssize_t n = f->tls ? SSL_read(f->tls, into, room) : recv(f->fd, into, room, 0);
    if (n > 0) f->heard += n;
    else if (f->tls ? SSL_get_error(f->tls, n) == SSL_ERROR_WANT_READ : n < 0 && errno == EAGAIN) return;
    else die("verdict: closed after %zu of 16 bytes, %llu bytes were sent", f->heard, (unsigned long long)f->sent);
    if (f->heard < sizeof f->said) return;
    if (f->said.count != f->sent || f->said.bad != CLEAN)
        die("verdict: sink has %llu of %llu bytes, first wrong one at %lld", (unsigned long long)f->said.count,
            (unsigned long long)f->sent, (long long)f->said.bad);
    close(f->fd);
    open_flows--;
}

int push(const struct options *o) {
    SSL_CTX *ctx = o->tls ? tls_client() : NULL;
    struct flow *flows = calloc(o->connections, sizeof *flows);
    epoll_fd = poller();
    for (int i = 0; i < o->connections; i++) open_flow(&flows[i], o, ctx);
    quota = o->bytes / o->connections;
    double start = now();
    deadline = start + o->seconds;
    while (open_flows) {
        struct epoll_event ready[64];
        int n = epoll_wait(epoll_fd, ready, 64, 1000);
        for (int i = 0; i < n; i++) {
            struct flow *f = ready[i].data.ptr;
            if (ready[i].events & EPOLLOUT) f->tls ? write_tls(f) : write_plain(f);
            else listen_to(f);
        }
        if (now() - start > o->limit) die("limit: %d of %d flows unfinished after %d s", open_flows, o->connections, o->limit);
    }
    double seconds = now() - start;
    uint64_t bytes = 0;
    for (int i = 0; i < o->connections; i++) bytes += flows[i].sent;
    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    double cpu = own.ru_utime.tv_sec + own.ru_stime.tv_sec + (own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
    printf("{\"bytes\": %llu, \"seconds\": %.6f, \"cpu\": %.6f}\n", (unsigned long long)bytes, seconds, cpu);
    return 0;
}
