/* `conns`: new connections per second, N in flight, one byte there and back each. `idle`: opens N and holds them. */
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum step { CONNECTING, METHOD, REQUEST, ANSWER, CLOSING };

struct attempt {
    int fd;
    enum step step;
    size_t n;
    uint8_t in[512];
};

static const struct options *opt;
static int epoll_fd, in_flight;
static uint64_t done, failed;
static char first_failure[160];
static double stop;

static void start(struct attempt *a) {
    a->fd = connect_to(opt->port, false);
    if (a->fd < 0) die("connect to %d: %m", opt->port);
    a->step = CONNECTING;
    a->n = 0;
    in_flight++;
    watch(epoll_fd, EPOLL_CTL_ADD, a->fd, EPOLLOUT, a);
}

static void finish(struct attempt *a, const char *why) {
    close(a->fd);
    in_flight--;
    if (!why) done++;
    else if (!failed++) snprintf(first_failure, sizeof first_failure, "step %d: %s (%s)", a->step, why, strerror(errno));
    if (now() < stop) start(a);
}

static void say(struct attempt *a, enum step next, const void *data, size_t n) {
    a->step = next;
    a->n = 0;
    if (send(a->fd, data, n, 0) != (ssize_t)n) finish(a, "send");
}

static void ask(struct attempt *a) { say(a, ANSWER, "c", 1); }

static void connected(struct attempt *a) {
    int why = 0;
    socklen_t n = sizeof why;
    getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &why, &n);
    if (why) {
        errno = why;
        finish(a, "connect");
        return;
    }
    watch(epoll_fd, EPOLL_CTL_MOD, a->fd, EPOLLIN, a);
    char line[256];
    if (opt->via == VIA_SOCKS5) say(a, METHOD, "\5\1", 3);
    else if (opt->via == VIA_CONNECT) say(a, REQUEST, line, connect_request(line, sizeof line, opt));
    else ask(a);
}

static void heard(struct attempt *a) {
    uint8_t out[16];
    ssize_t whole;
    switch (a->step) {
        case METHOD:
            if (a->n == 2) say(a, REQUEST, out, socks5_request(out, opt));
            return;
        case REQUEST:
            whole = opt->via == VIA_SOCKS5 ? socks5_reply_length(a->in, a->n) : connect_reply_length(a->in, a->n);
            if (whole < 0 || (whole && (size_t)whole != a->n)) finish(a, "refused");
            else if (whole) ask(a);
            return;
        case ANSWER: a->step = CLOSING; return;
        default: finish(a, "byte after the answer");
    }
}

static void turn(struct attempt *a) {
    if (a->step == CONNECTING) {
        connected(a);
        return;
    }
    ssize_t n = recv(a->fd, a->in + a->n, sizeof a->in - a->n, 0);
    if (n > 0) {
        a->n += n;
        heard(a);
    } else if (n == 0) {
        finish(a, a->step == CLOSING ? NULL : "closed early");
    } else if (errno != EAGAIN) {
        finish(a, "recv");
    }
}

int conns(const struct options *o) {
    opt = o;
    epoll_fd = poller();
    struct attempt *all = calloc(o->connections, sizeof *all);
    double begin = now();
    stop = begin + o->seconds;
    for (int i = 0; i < o->connections; i++) start(&all[i]);
    while (in_flight) {
        struct epoll_event ready[64];
        int n = epoll_wait(epoll_fd, ready, 64, 1000);
        for (int i = 0; i < n; i++) turn(ready[i].data.ptr);
        if (now() > stop + 10) die("limit: %d connections unanswered 10 s after the end", in_flight);
    }
    double seconds = now() - begin;
    if (failed > done / 1000) die("%llu of %llu failed, first: %s", (unsigned long long)failed,
                                  (unsigned long long)(done + failed), first_failure);
    printf("{\"connections\": %llu, \"failed\": %llu, \"seconds\": %.6f}\n", (unsigned long long)done,
           (unsigned long long)failed, seconds);
    return 0;
}

int idle(const struct options *o) {
    for (int i = 0; i < o->connections; i++) {
        int fd = connect_to(o->port, true);
        if (fd < 0) die("connection %d: connect: %m", i);
        handshake(fd, o);
        char byte = 'h';
        if (send(fd, &byte, 1, 0) != 1 || recv(fd, &byte, 1, 0) != 1) die("connection %d: no answer: %m", i);
    }
    printf("{\"connections\": %d}\n", o->connections);
    fflush(stdout);
    char c;
    while (read(0, &c, 1) > 0) continue; /* held until the driver closes our input */
    return 0;
}
