package dev.ugate.app.exchanges;

import dev.ugate.app.exchanges.Exchange.Leaves;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a client saw of an exchange; {@code broke} says how it ended when it did not end well, and is empty otherwise. */
record Outcome(int status, Map<String, String> head, byte[] body, String trailer, boolean hinted, String broke) {
    private static final Set<Integer> UNREACHED = Set.of(502, 503, 504);

    /** Nothing was heard, for this reason. */
    static Outcome none(String why) {
        return new Outcome(0, Map.of(), new byte[0], "", false, why);
    }

    /** What is wrong with it, nothing when it is as it should be. */
    List<String> faults(Exchange exchange) {
        if (exchange.ask().leaves() != Leaves.NOT) {
            return List.of();
        }
        if (exchange.answer().breaks().before()) {
            return UNREACHED.contains(status) ? List.of() : List.of("no word of an upstream that left: " + this);
        }
        if (exchange.breaksWithin()) {
            boolean whole = broke.isEmpty() && !UNREACHED.contains(status);
            return whole ? List.of("half an answer looks whole: " + this) : List.of();
        }
        if (!broke.isEmpty() || status != exchange.answer().status()) {
            return List.of(toString());
        }
        List<String> faults = new ArrayList<>();
        answer(exchange, faults);
        if (!exchange.answer().early()) {
            request(exchange, faults);
        }
        return faults;
    }

    private void answer(Exchange exchange, List<String> faults) {
        byte[] answered = exchange.answered();
        if (!exchange.id().equals(head.get("x-exchange"))) {
            faults.add("the answer to " + head.get("x-exchange"));
        }
        if (!Arrays.equals(body, answered)) {
            faults.add(body.length + " octets of " + answered.length);
        }
        String length = String.valueOf(exchange.answer().body().size());
        if (exchange.answer().body().sized()
                && exchange.answer().status() == 200
                && !length.equals(head.get("content-length"))) {
            faults.add("content-length " + head.get("content-length") + " instead of " + length);
        }
        if (exchange.answersWithTrailers() && !Exchange.sum(answered).equals(trailer)) {
            faults.add("trailer " + trailer);
        }
        if (exchange.answer().hint() != hinted) {
            faults.add(hinted ? "a 103 that nobody sent" : "no 103");
        }
    }

    private void request(Exchange exchange, List<String> faults) {
        if (!"whole".equals(head.get("x-got"))) {
            faults.add("the upstream got " + head.get("x-got"));
        }
        if (exchange.asksWithTrailers() && !Exchange.sum(exchange.asked()).equals(head.get("x-got-sum"))) {
            faults.add("the upstream got the trailer " + head.get("x-got-sum"));
        }
    }

    @Override
    public String toString() {
        return status + ", " + body.length + " octets" + (broke.isEmpty() ? "" : ", " + broke) + " " + head;
    }
}
