package dev.ugate.protocols.http.hpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of RFC 7541 appendix C, and what breaks its rules. */
final class HpackTest {
    private final HpackDecoder decoder = new HpackDecoder(4096);
    private final HpackEncoder encoder = new HpackEncoder();

    private List<String> decode(String hex) {
        List<String> fields = new ArrayList<>();
        decoder.decode(
                Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", ""))),
                (name, value, legal) -> fields.add(name + ": " + value + (legal ? "" : " (illegal)")));
        return fields;
    }

    @Test
    void decodesRequestsWithoutHuffmanCode() {
        assertThat(decode("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d"))
                .containsExactly(":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com");
        assertThat(decode("8286 84be 5808 6e6f 2d63 6163 6865"))
                .endsWith(":authority: www.example.com", "cache-control: no-cache");
        assertThat(decode("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65"))
                .containsExactly(
                        ":method: GET",
                        ":scheme: https",
                        ":path: /index.html",
                        ":authority: www.example.com",
                        "custom-key: custom-value");
    }

    @Test
    void decodesRequestsWithHuffmanCode() {
        assertThat(decode("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff")).endsWith(":authority: www.example.com");
        assertThat(decode("8286 84be 5886 a8eb 1064 9cbf")).endsWith("cache-control: no-cache");
        assertThat(decode("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"))
                .endsWith("custom-key: custom-value");
    }

    @Test
    void evictsWhatNoLongerFits() {
        HpackDecoder small = new HpackDecoder(256);
        List<String> fields = new ArrayList<>();
        String[] blocks = {
            "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad"
                    + "1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
            "4883 640e ffc1 c0bf",
            "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7"
                    + "b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07"
        };
        for (String block : blocks) {
            fields.clear();
            small.decode(
                    Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(block.replace(" ", ""))),
                    (name, value, legal) -> fields.add(name + ": " + value));
        }
        assertThat(fields)
                .containsExactly(
                        ":status: 200",
                        "cache-control: private",
                        "date: Mon, 21 Oct 2013 20:13:22 GMT",
                        "location: https://www.example.com",
                        "content-encoding: gzip",
                        "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80", // index 0
                "be", // index 62 of an empty table
                "3fe21f82", // a table of 4097 octets
                "8220", // a new size behind a field
                "ff8080808001", // an integer of too many octets
                "4003616263", // ends inside a literal
                "40823fff0161", // Huffman code with eight bits of padding
                "408100016161", // padding of zeros
                "4084ffffffff0161" // the end-of-string symbol
            })
    void refusesBrokenBlocks(String hex) {
        assertThatThrownBy(() -> decode(hex)).isInstanceOf(HpackException.class);
    }

    @Test
    void tellsIllegalOctets() {
        assertThat(decode("00 01 41 01 61")).containsExactly("A: a (illegal)");
        assertThat(decode("00 01 61 01 0a")).containsExactly("a: \n (illegal)");
        assertThat(decode("00 00 01 61")).containsExactly(": a (illegal)");
    }

    /** It counts in the far table, so it is not taken off here. */
    @Test
    void givesSpaceAroundAValueAsItCame() {
        assertThat(decode("00 01 61 02 2061")).containsExactly("a:  a");
    }

    private byte[] encode(List<String[]> fields) {
        encoder.begin();
        fields.forEach(field -> encoder.field(field[0], field[1]));
        ByteBuf out = Unpooled.buffer();
        encoder.copy(0, encoder.size(), out);
        return ByteBufUtil.getBytes(out);
    }

    /** Both tables stay the same through thousands of blocks and changes of size. */
    @Test
    void decodesWhatItEncodes() {
        SplittableRandom random = new SplittableRandom(7541);
        for (int block = 0; block < 3000; block++) {
            if (block % 100 == 99) {
                encoder.limit(random.nextInt(0, 5000));
            }
            List<String[]> fields = new ArrayList<>();
            List<String> wanted = new ArrayList<>();
            for (int i = random.nextInt(0, 12); i >= 0; i--) {
                String name = List.of("server", "x-a", "cookie", "content-length", ":status", "via", "x-long-name")
                        .get(random.nextInt(7));
                String value = "v".repeat(random.nextInt(0, 60)) + random.nextInt(0, 20);
                fields.add(new String[] {name, value});
                wanted.add(name + ": " + value);
            }
            assertThat(decode(ByteBufUtil.hexDump(encode(fields)))).isEqualTo(wanted);
        }
    }

    @Test
    void secretsAreNeverIndexed() {
        byte[] first = encode(List.<String[]>of(new String[] {"authorization", "Basic eA=="}));
        byte[] again = encode(List.<String[]>of(new String[] {"authorization", "Basic eA=="}));
        assertThat(again).isEqualTo(first);
        assertThat(first[0] & 0xF0).isEqualTo(0x10);
    }

    @Test
    void fieldsThatComeAgainCostOneOctet() {
        encode(List.<String[]>of(new String[] {"server", "x"}));
        assertThat(encode(List.<String[]>of(new String[] {"server", "x"}))).hasSize(1);
    }
}
