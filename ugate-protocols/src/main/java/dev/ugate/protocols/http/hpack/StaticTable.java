package dev.ugate.protocols.http.hpack;

import java.util.HashMap;
import java.util.Map;

/** The fields that both sides know from the start (RFC 7541 appendix A). */
final class StaticTable {
    static final int SIZE = 61;

    private static final Entry[] ENTRIES = new Entry[SIZE + 1];
    private static final Map<String, Integer> NAMES = new HashMap<>();

    static {
        String all =
                ":authority,:method=GET,:method=POST,:path=/,:path=/index.html,:scheme=http,:scheme=https,:status=200,:status=204,"
                        + ":status=206,:status=304,:status=400,:status=404,:status=500,accept-charset,accept-encoding=gzip; deflate,"
                        + "accept-language,accept-ranges,accept,access-control-allow-origin,age,allow,authorization,cache-control,"
                        + "content-disposition,content-encoding,content-language,content-length,content-location,content-range,content-type,"
                        + "cookie,date,etag,expect,expires,from,host,if-match,if-modified-since,if-none-match,if-range,if-unmodified-since,"
                        + "last-modified,link,location,max-forwards,proxy-authenticate,proxy-authorization,range,referer,refresh,retry-after,"
                        + "server,set-cookie,strict-transport-security,transfer-encoding,user-agent,vary,via,www-authenticate";
        int index = 0;
        for (String line : all.split(",", -1)) {
            int equals = line.indexOf('=');
            String name = (equals < 0 ? line : line.substring(0, equals)).intern();
            String value = equals < 0 ? "" : line.substring(equals + 1).replace(';', ',');
            ENTRIES[++index] = new Entry(name, value, true);
            NAMES.putIfAbsent(name, index);
        }
    }

    private StaticTable() {}

    /** The entry at 1 to {@link #SIZE}. */
    static Entry at(int index) {
        return ENTRIES[index];
    }

    /** The first index of a name, 0 for none. */
    static int find(String name) {
        Integer index = NAMES.get(name);
        return index == null ? 0 : index;
    }

    /** The index of exactly this field among those that begin at {@code first}, the first of its name; 0 for none. */
    static int find(int first, String name, String value) {
        for (int i = first; i > 0 && i <= SIZE && ENTRIES[i].name().equals(name); i++) {
            if (ENTRIES[i].value().equals(value)) {
                return i;
            }
        }
        return 0;
    }
}
