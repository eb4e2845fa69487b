/* Servers behind the proxies: `sink` verifies all it reads and reports at the end of input, `answer` returns one byte. */
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct flow {
    int fd;
    bool begun;
    SSL *tls;
    struct verdict seen;
};

static uint8_t buffer[CHUNK];

static void end(struct flow *f) {
    if (f->tls) SSL_free(f->tls);
    close(f->fd);
    free(f);
}

static void report(struct flow *f) {
    if (f->tls) {
        SSL_write(f->tls, &f->seen, sizeof f->seen);
        SSL_shutdown(f->tls);
    } else if (send(f->fd, &f->seen, sizeof f->seen, 0) < 0) {
        fprintf(stderr, "load: sink: report: %m\n");
    }
    end(f);
}

/* A ClientHello in front of the pattern (SNI passthrough) is dropped; false = wait for the rest of it. */
static bool begin(struct flow *f) {
    uint8_t head[4096];
    ssize_t n = recv(f->fd, head, sizeof head, MSG_PEEK);
    f->begun = true;
    if (n <= 0 || head[0] != 22) return true;
    size_t hello = hello_length(head, n);
    f->begun = hello > 0;
    return hello && recv(f->fd, head, hello, 0) == (ssize_t)hello;
}

static void read_plain(struct flow *f) {
    if (!f->begun && !begin(f)) return;
    ssize_t n = recv(f->fd, buffer, sizeof buffer, 0);
    if (n > 0) pattern_check(&f->seen, buffer, n);
    else if (n == 0) report(f);
    else if (errno != EAGAIN) end(f);
}

static void read_tls(struct flow *f) {
    for (;;) {
        int n = SSL_read(f->tls, buffer, sizeof buffer);
        if (n > 0) {
            pattern_check(&f->seen, buffer, n);
            continue;
        }
        int why = SSL_get_error(f->tls, n);
        if (why == SSL_ERROR_ZERO_RETURN) report(f);
        else if (why != SSL_ERROR_WANT_READ) end(f);
        return;
    }
}

int sink(const struct options *o) {
    SSL_CTX *ctx = o->cert ? tls_server(o->cert, o->key) : NULL;
    int epoll = poller(), listener = listen_on(o->port);
    watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
    for (;;) {
        struct epoll_event ready[128];
        int n = epoll_wait(epoll, ready, 128, -1);
        for (int i = 0; i < n; i++) {
            struct flow *f = ready[i].data.ptr;
            if (f) {
                f->tls ? read_tls(f) : read_plain(f);
                continue;
            }
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) continue;
            f = calloc(1, sizeof *f);
            *f = (struct flow){.fd = fd, .seen.bad = CLEAN};
            if (ctx) {
                f->tls = SSL_new(ctx);
                SSL_set_fd(f->tls, fd);
                SSL_set_accept_state(f->tls);
            }
            watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, f);
        }
    }
}

/* 'c' is answered and the connection closed by the server, so TIME_WAIT uses up no client port; 'h' is answered and held. */
int answer(const struct options *o) {
    int epoll = poller(), listener = listen_on(o->port);
    watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, (void *)(intptr_t)listener);
    for (;;) {
        struct epoll_event ready[128];
        int n = epoll_wait(epoll, ready, 128, -1);
        for (int i = 0; i < n; i++) {
            int fd = (intptr_t)ready[i].data.ptr;
            char byte = 0;
            if (fd == listener) {
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
                    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, (void *)(intptr_t)fd);
                continue;
            }
            bool heard = recv(fd, &byte, 1, 0) == 1 && send(fd, &byte, 1, 0) == 1;
            if (!heard || byte == 'c') close(fd);
        }
    }
}
