package dev.ugate.app.mesh;

import java.util.ArrayList;
import java.util.List;

/** Configurations of Envoy as either end of HBONE, as Istio writes them. */
final class EnvoyFiles {
    private final int gate;
    private final String tls;
    private final List<String> listeners = new ArrayList<>();

    private EnvoyFiles(int gate, String tls) {
        this.gate = gate;
        this.tls = tls;
    }

    /** The end that dials the gate; {@code tls} is a transport socket or empty. */
    static EnvoyFiles client(int gate, String tls) {
        return new EnvoyFiles(gate, tls);
    }

    EnvoyFiles listener(int port, String authority) {
        listeners.add("""
                  - name: in-%1$d
                    address: {socket_address: {address: 127.0.0.1, port_value: %1$d}}
                    filter_chains:
                      - filters:
                          - name: tcp
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                              stat_prefix: in
                              cluster: gate
                              tunneling_config: {hostname: "%2$s"}
                """.formatted(port, authority));
        return this;
    }

    String text() {
        return "static_resources:\n  listeners:\n" + String.join("", listeners) + """
                  clusters:
                    - name: gate
                      connect_timeout: 5s
                      typed_extension_protocol_options:
                        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                          explicit_http_config: {http2_protocol_options: {allow_connect: true}}
                      load_assignment:
                        cluster_name: gate
                        endpoints:
                          - lb_endpoints:
                              - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
                """.formatted(gate) + tls;
    }

    /**
     * The end that the gate dials: {@code app.test} is {@code app}, {@code closed.test} is {@code closed}, {@code denied.test} gets 403;
     * says GOAWAY after {@code most} tunnels, 0 for never.
     */
    static String server(int port, int app, int closed, String tls, int most) {
        String limit = most == 0 ? "" : "common_http_protocol_options: {max_requests_per_connection: " + most + "}";
        return """
                static_resources:
                  listeners:
                    - name: hbone
                      address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                      filter_chains:
                        - filters:
                            - name: http
                              typed_config:
                                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                                stat_prefix: hbone
                                codec_type: HTTP2
                                http2_protocol_options: {allow_connect: true, max_concurrent_streams: 100}
                                %s
                                upgrade_configs: [{upgrade_type: CONNECT}]
                                route_config:
                                  virtual_hosts:
                                    - name: denied
                                      domains: ["denied.test:80"]
                                      routes: [{match: {connect_matcher: {}}, direct_response: {status: 403}}]
                                    - name: closed
                                      domains: ["closed.test:80"]
                                      routes:
                                        - match: {connect_matcher: {}}
                                          route: {cluster: closed, upgrade_configs: [{upgrade_type: CONNECT, connect_config: {}}]}
                                    - name: app
                                      domains: ["*"]
                                      routes:
                                        - match: {connect_matcher: {}}
                                          route: {cluster: app, timeout: 0s, upgrade_configs: [{upgrade_type: CONNECT, connect_config: {}}]}
                                http_filters:
                                  - name: router
                                    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                %s
                  clusters:
                """.formatted(port, limit, tls) + cluster("app", app) + cluster("closed", closed);
    }

    private static String cluster(String name, int port) {
        return """
                    - name: %1$s
                      connect_timeout: 5s
                      load_assignment:
                        cluster_name: %1$s
                        endpoints:
                          - lb_endpoints:
                              - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %2$d}}}
                """.formatted(name, port);
    }

    /** The transport socket of a listener or cluster, at their depth: TLS 1.3, ALPN h2, a member of this name, no SNI. */
    static String tls(String folder, String end, String expected, boolean dials) {
        String type = dials ? "UpstreamTlsContext" : "DownstreamTlsContext";
        String text = """
                transport_socket:
                  name: tls
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.%s
                    %s
                    common_tls_context:
                      alpn_protocols: [h2]
                      tls_params: {tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3}
                      tls_certificates:
                        - {certificate_chain: {filename: %s/%s.pem}, private_key: {filename: %s/%s.key}}
                      validation_context:
                        trusted_ca: {filename: %s/root.pem}
                        match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: "%s"}}]
                """.formatted(
                type, dials ? "" : "require_client_certificate: true", folder, end, folder, end, folder, expected);
        return text.indent(dials ? 6 : 10);
    }
}
