/* Load tool of bench/run: picks a mode. Each mode prints one line of JSON on success. */
#include "load.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static int usage(void) {
    fputs("usage: load sink|answer --port P [--cert F --key F]\n"
          "       load push|conns|idle --port P [--connections N] [--seconds S | --bytes N] [--limit S]\n"
          "            [--via socks5|connect --target-port P] [--tls NAME | --hello NAME]\n"
          "       load pace --port P --http 1|2 --rate R --authority NAME [--connections N] [--seconds S] [--tls NAME]\n",
          stderr);
    return 2;
}

static void files_unlimited(void) {
    struct rlimit r;
    getrlimit(RLIMIT_NOFILE, &r);
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
}

static enum via via(const char *word) {
    if (!strcmp(word, "socks5")) return VIA_SOCKS5;
    if (!strcmp(word, "connect")) return VIA_CONNECT;
    die("via %s: unknown: expected socks5 or connect", word);
}

static bool parse(int argc, char **argv, struct options *o) {
    static const struct option names[] = {
        {"port", 1, 0, 'p'},  {"connections", 1, 0, 'c'}, {"seconds", 1, 0, 's'}, {"bytes", 1, 0, 'n'},
        {"limit", 1, 0, 'l'}, {"via", 1, 0, 'v'},         {"target-port", 1, 0, 't'}, {"tls", 1, 0, 'T'},
        {"hello", 1, 0, 'H'}, {"cert", 1, 0, 'C'},        {"key", 1, 0, 'K'},     {"http", 1, 0, 'h'},
        {"rate", 1, 0, 'r'},  {"authority", 1, 0, 'a'}, {0, 0, 0, 0}};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) switch (c) {
            case 'p': o->port = atoi(optarg); break;
            case 'c': o->connections = atoi(optarg); break;
            case 's': o->seconds = atoi(optarg); break;
            case 'n': o->bytes = strtoull(optarg, NULL, 10); break;
            case 'l': o->limit = atoi(optarg); break;
            case 'v': o->via = via(optarg); break;
            case 't': o->target_port = atoi(optarg); break;
            case 'T': o->tls = true; o->sni = optarg; break;
            case 'H': o->sni = optarg; break;
            case 'C': o->cert = optarg; break;
            case 'K': o->key = optarg; break;
            case 'h': o->http = atoi(optarg); break;
            case 'r': o->rate = atof(optarg); break;
            case 'a': o->authority = optarg; break;
            default: return false;
        }
    return optind == argc - 1 && o->port > 0;
}

int main(int argc, char **argv) {
    struct options o = {.connections = 1, .seconds = 3, .limit = 60, .http = 1, .authority = "bench.test"};
    if (!parse(argc, argv, &o)) return usage();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    files_unlimited();
    pattern_init();
    const struct { const char *name; int (*run)(const struct options *); } modes[] = {
        {"sink", sink}, {"answer", answer}, {"push", push}, {"conns", conns}, {"idle", idle}, {"pace", pace}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(argv[optind], modes[i].name)) return modes[i].run(&o);
    return usage();
}
