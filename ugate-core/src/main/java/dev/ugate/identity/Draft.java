package dev.ugate.identity;

import dev.ugate.model.x509.Der;
import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.PublicKeys;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.security.auth.x500.X500Principal;

/**
 * A certificate before it is signed (RFC 5280 §4.1). Whoever issues it says everything in it; from the holder comes the key alone (T114).
 *
 * @param subject empty where the names are all that counts; then they are critical (RFC 5280 §4.2.1.6)
 */
record Draft(PublicKey key, X500Principal subject, Instant from, Instant to, Kind kind, List<String> names) {
    /** What a certificate is for. */
    enum Kind {
        /** Signs certificates of ends, and CRLs. */
        AUTHORITY,
        /** Proves an end of a connection, either one. */
        END
    }

    private static final byte[] ECDSA_SHA256 = Der.sequence(oid("2a8648ce3d040302"));
    private static final byte[] TRUE = {1, 1, (byte) 0xFF};
    private static final byte[] NULL_PATH = {2, 1, 0};
    private static final int VERSION = 0xA0;
    private static final int EXTENSIONS = 0xA3;
    private static final int DNS_NAME = 0x82;
    private static final int URI_NAME = 0x86;
    private static final int KEY_ID = 0x80;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SERIAL_BITS = 126;

    /** RFC 5280 §4.1.2.5: two digits for the year before 2050. */
    private static final DateTimeFormatter SHORT = time("yyMMddHHmmss'Z'");

    private static final DateTimeFormatter LONG = time("yyyyMMddHHmmss'Z'");
    private static final Instant YEAR_2050 = Instant.parse("2050-01-01T00:00:00Z");

    Draft {
        names = List.copyOf(names);
    }

    /** The certificate under a serial of its own, signed by {@code issuer}'s key; its own is that of a root. */
    X509Certificate signed(X500Principal issuer, NodeKey by) {
        byte[] body = Der.sequence(
                Der.element(VERSION, new byte[] {2, 1, 2}),
                Der.element(Der.INTEGER, serial().toByteArray()),
                ECDSA_SHA256,
                issuer.getEncoded(),
                Der.sequence(time(from), time(to)),
                subject.getEncoded(),
                key.getEncoded(),
                Der.element(EXTENSIONS, Der.sequence(extensions(by))));
        return PemText.certificate(signed(body, by));
    }

    /** A structure with its signature (RFC 5280 §4.1.1). */
    static byte[] signed(byte[] body, NodeKey by) {
        return Der.sequence(body, ECDSA_SHA256, Der.element(Der.BIT_STRING, new byte[1], by.sign(body)));
    }

    private byte[][] extensions(NodeKey by) {
        boolean authority = kind == Kind.AUTHORITY;
        List<byte[]> all = new ArrayList<>();
        all.add(extension("551d13", true, authority ? Der.sequence(TRUE, NULL_PATH) : Der.sequence()));
        // keyCertSign and cRLSign, or digitalSignature.
        all.add(extension("551d0f", true, authority ? new byte[] {3, 2, 1, 6} : new byte[] {3, 2, 7, (byte) 0x80}));
        if (!authority) {
            all.add(extension("551d25", false, Der.sequence(oid("2b06010505070301"), oid("2b06010505070302"))));
        }
        boolean nameless = subject.getName().isEmpty();
        all.add(extension(
                "551d11", nameless, Der.sequence(names.stream().map(Draft::name).toArray(byte[][]::new))));
        all.add(extension("551d0e", false, Der.element(Der.OCTET_STRING, keyId(key))));
        all.add(extension("551d23", false, Der.sequence(Der.element(KEY_ID, keyId(by.publicKey())))));
        return all.toArray(byte[][]::new);
    }

    private static byte[] extension(String id, boolean critical, byte[] value) {
        return Der.sequence(oid(id), critical ? TRUE : new byte[0], Der.element(Der.OCTET_STRING, value));
    }

    private static byte[] name(String name) {
        int tag = name.contains("://") ? URI_NAME : DNS_NAME;
        return Der.element(tag, name.getBytes(StandardCharsets.US_ASCII));
    }

    /** Any 20 octets that tell keys apart would do (RFC 5280 §4.2.1.2). */
    private static byte[] keyId(PublicKey key) {
        return PublicKeys.fingerprint(key, 20);
    }

    private static BigInteger serial() {
        return new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS);
    }

    private static byte[] time(Instant at) {
        boolean late = !at.isBefore(YEAR_2050);
        String text = (late ? LONG : SHORT).format(at);
        return Der.element(late ? GENERALIZED_TIME : UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static DateTimeFormatter time(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }

    private static byte[] oid(String hex) {
        return Der.element(Der.OID, HexFormat.of().parseHex(hex));
    }
}
