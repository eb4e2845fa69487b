/* Handshakes: SOCKS5 (RFC 1928), CONNECT (RFC 9110 9.3.6), TLS 1.3, and a ClientHello alone for SNI passthrough. */
#include "load.h"
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define CIPHER "TLS_AES_128_GCM_SHA256"

size_t socks5_request(uint8_t *out, const struct options *o) {
    const uint8_t r[] = {5, 1, 0, 1, 127, 0, 0, 1, o->target_port >> 8, o->target_port & 255};
    memcpy(out, r, sizeof r);
    return sizeof r;
}

size_t connect_request(char *out, size_t room, const struct options *o) {
    return snprintf(out, room, "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", o->target_port,
                    o->target_port);
}

/* Length of a complete reply that says yes; 0 = more is needed; -1 = refused. */
ssize_t socks5_reply_length(const uint8_t *in, size_t n) {
    if (n >= 2 && (in[0] != 5 || in[1] != 0)) return -1;
    if (n < 5) return 0;
    size_t length = in[3] == 1 ? 10 : in[3] == 4 ? 22 : 7 + in[4];
    return n < length ? 0 : (ssize_t)length;
}

ssize_t connect_reply_length(const uint8_t *in, size_t n) {
    const uint8_t *end = memmem(in, n, "\r\n\r\n", 4);
    if (!end) return n > 400 ? -1 : 0;
    return memcmp(in, "HTTP/1.1 2", 10) ? -1 : end + 4 - in;
}

static void say(int fd, const void *data, size_t n) {
    if (send(fd, data, n, 0) != (ssize_t)n) die("handshake: send: %m");
}

static void hear(int fd, uint8_t *in, ssize_t (*length)(const uint8_t *, size_t)) {
    for (size_t n = 0; n < 512;) {
        if (recv(fd, in + n, 1, 0) != 1) die("handshake: %zu bytes read, then the proxy closed or was silent", n);
        ssize_t whole = length(in, ++n);
        if (whole < 0) die("handshake: refused: %02x %02x %.*s", in[0], in[1], (int)n, in);
        if (whole) return;
    }
    die("handshake: reply too long");
}

static ssize_t method_length(const uint8_t *in, size_t n) { return n < 2 ? 0 : in[1] ? -1 : 2; }

/* On a blocking socket; reads no byte past the proxy's reply. */
void handshake(int fd, const struct options *o) {
    uint8_t io[512];
    if (o->via == VIA_SOCKS5) {
        say(fd, "\5\1", 3);
        hear(fd, io, method_length);
        say(fd, io, socks5_request(io, o));
        hear(fd, io, socks5_reply_length);
    } else if (o->via == VIA_CONNECT) {
        say(fd, io, connect_request((char *)io, sizeof io, o));
        hear(fd, io, connect_reply_length);
    }
}

static SSL_CTX *tls13(const SSL_METHOD *method) {
    SSL_CTX *ctx = SSL_CTX_new(method);
    if (!ctx || !SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) || !SSL_CTX_set_ciphersuites(ctx, CIPHER))
        die("tls: context");
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set1_groups_list(ctx, "X25519");
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_default_read_buffer_len(ctx, 64 * 1024);
    return ctx;
}

SSL_CTX *tls_client(void) { return tls13(TLS_client_method()); }

SSL_CTX *tls_server(const char *cert, const char *key) {
    SSL_CTX *ctx = tls13(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 || SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        die("tls: %s, %s: not readable", cert, key);
    SSL_CTX_set_num_tickets(ctx, 0);
    return ctx;
}

SSL *tls_connect(SSL_CTX *ctx, int fd, const char *sni) {
    SSL *tls = SSL_new(ctx);
    SSL_set_fd(tls, fd);
    SSL_set_tlsext_host_name(tls, sni);
    if (SSL_connect(tls) != 1) die("tls: handshake: %s", ERR_reason_error_string(ERR_get_error()));
    return tls;
}

/* The records of a ClientHello with this name, as OpenSSL writes them. */
size_t client_hello(uint8_t *out, size_t room, const char *sni) {
    SSL_CTX *ctx = tls_client();
    SSL *tls = SSL_new(ctx);
    BIO *wire = BIO_new(BIO_s_mem());
    SSL_set_bio(tls, BIO_new(BIO_s_mem()), wire);
    SSL_set_tlsext_host_name(tls, sni);
    SSL_connect(tls);
    int n = BIO_read(wire, out, room);
    if (n <= 0 || hello_length(out, n) != (size_t)n) die("hello: not one record");
    SSL_free(tls);
    SSL_CTX_free(ctx);
    return n;
}

/* Length of the ClientHello record that a stream starts with; 0 = not a whole one, or none. */
size_t hello_length(const uint8_t *in, size_t n) {
    if (n < 5 || in[0] != 22 || in[1] != 3) return 0;
    size_t length = 5 + (in[3] << 8) + in[4];
    return n < length ? 0 : length;
}
