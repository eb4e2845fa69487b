package dev.ugate.protocols.http.hpack;

/** The code of RFC 7541 appendix B, read four bits at a time. */
final class Huffman {
    /** The bits of each octet's code, then of EOS, as letters from A for 0: the code is canonical, so lengths are all there is to it. */
    private static final String LENGTHS =
            "NX]]]]]]]Y_]]_]]]]]]]]_]]]]]]]]]GKKMNGILKKILIGGGFFFGGGGGGGHIPGMKNGHHHHHHHHHHHHHHHHHHHHHHIHINTNOGPFGFGFGGGFHHGGGFGHGFFGHHHHHPLON]"
                    + "UWUUWWWXWXXXXXYXYYWXYXXXXVWXWXXYWVUWWXXVXWWYVWXXVVWVXWXXUWWWXWWX[[UTWXWZ[[[\\\\[YZTV[\\\\[\\YVV[[]\\\\\\UYUVWVVXWWZZYY[X[\\[[\\\\\\\\\\]\\\\\\\\\\[_";

    private static final int EOS = 256;
    private static final int NIBBLE = 16;

    // A state is an inner node of the tree; what four bits do to it is packed: next state, octet, and three flags.
    private static final int STATES = 257;
    private static final int EMITS = 1 << 8;
    private static final int FAILS = 1 << 9;
    private static final int NEXT = 16;
    private static final int[] MOVES = new int[STATES * NIBBLE];

    /** Whether the input may end in a state: the bits since the last octet are at most seven ones (§5.2). */
    private static final boolean[] ENDS = new boolean[STATES];

    static {
        int[][] tree = new int[STATES][2];
        int states = tree(tree);
        for (int state = 0; state < states; state++) {
            for (int bits = 0; bits < NIBBLE; bits++) {
                MOVES[state * NIBBLE + bits] = move(tree, state, bits);
            }
        }
        int state = 0;
        for (int ones = 0; ones < 8; ones++) {
            ENDS[state] = true;
            state = tree[state][1];
        }
    }

    private Huffman() {}

    /** Fills in children: an inner node as its number, a leaf as −1 less its symbol. Returns how many nodes there are. */
    private static int tree(int[][] tree) {
        int nodes = 1;
        int code = 0;
        for (int length = 1; length <= 30; length++) {
            code <<= 1;
            for (int symbol = 0; symbol <= EOS; symbol++) {
                if (LENGTHS.charAt(symbol) - 'A' != length) {
                    continue;
                }
                int node = 0;
                for (int bit = length - 1; bit > 0; bit--) {
                    int side = code >> bit & 1;
                    if (tree[node][side] == 0) {
                        tree[node][side] = nodes++;
                    }
                    node = tree[node][side];
                }
                tree[node][code & 1] = -1 - symbol;
                code++;
            }
        }
        return nodes;
    }

    /** No code is shorter than five bits, so four bits end at most one. */
    private static int move(int[][] tree, int from, int bits) {
        int node = from;
        int move = 0;
        for (int bit = 3; bit >= 0; bit--) {
            node = tree[node][bits >> bit & 1];
            if (node < 0) {
                int symbol = -1 - node;
                if (symbol == EOS) {
                    return FAILS;
                }
                move = EMITS | symbol;
                node = 0;
            }
        }
        return move | node << NEXT;
    }

    /** Decodes octets into {@code out}, which has room for 8/5 of them; returns how many. Throws {@link HpackException}. */
    static int decode(byte[] in, int from, int to, byte[] out) {
        int state = 0;
        int written = 0;
        for (int i = from; i < to; i++) {
            int high = MOVES[state * NIBBLE + (in[i] >> 4 & 0xF)];
            if ((high & EMITS) != 0) {
                out[written++] = (byte) high;
            }
            int low = MOVES[(high >>> NEXT) * NIBBLE + (in[i] & 0xF)];
            if ((low & EMITS) != 0) {
                out[written++] = (byte) low;
            }
            if (((high | low) & FAILS) != 0) {
                throw new HpackException("huffman: expected no end of string inside it");
            }
            state = low >>> NEXT;
        }
        if (!ENDS[state]) {
            throw new HpackException("huffman: expected a padding of at most seven ones");
        }
        return written;
    }
}
