/* Load tool of bench/run: what its parts share. One process, one thread, epoll. */
#ifndef LOAD_H
#define LOAD_H
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHUNK (256 * 1024) /* one write of a sender, one read of a sink */
#define PERIOD 65521       /* prime: a lost or doubled block of any usual size shifts the pattern */
#define CLEAN UINT64_MAX   /* verdict.bad when every byte was right */

enum via { VIA_NONE, VIA_SOCKS5, VIA_CONNECT };

struct options {
    const char *mode, *sni, *cert, *key, *peers, *target, *authority;
    int port, target_port, connections, seconds, limit, http;
    double rate; /* requests a second */
    uint64_t bytes;
    bool tls;
    enum via via;
};

/* What a sink saw: the number of bytes, and the offset of the first wrong one. */
struct verdict {
    uint64_t count, bad;
};

/* net.c */
double now(void);
void die(const char *what, ...) __attribute__((noreturn, format(printf, 1, 2)));
int listen_on(int port);
int connect_to(int port, bool blocking);
void nonblocking(int fd);
int poller(void);
void watch(int epoll, int op, int fd, uint32_t events, void *data);

/* pattern.c */
void pattern_init(void);
const uint8_t *pattern_at(uint64_t offset);
void pattern_check(struct verdict *v, const uint8_t *data, size_t n);

/* hello.c: the client's half of each handshake */
size_t socks5_request(uint8_t *out, const struct options *o);
size_t connect_request(char *out, size_t room, const struct options *o);
ssize_t socks5_reply_length(const uint8_t *in, size_t n);
ssize_t connect_reply_length(const uint8_t *in, size_t n);
void handshake(int fd, const struct options *o);
SSL_CTX *tls_client(void);
SSL_CTX *tls_server(const char *cert, const char *key);
SSL *tls_connect(SSL_CTX *ctx, int fd, const char *sni);
size_t client_hello(uint8_t *out, size_t room, const char *sni);
size_t hello_length(const uint8_t *in, size_t n);

/* modes */
int sink(const struct options *o);
int answer(const struct options *o);
int push(const struct options *o);
int conns(const struct options *o);
int idle(const struct options *o);
int pace(const struct options *o);
#endif
