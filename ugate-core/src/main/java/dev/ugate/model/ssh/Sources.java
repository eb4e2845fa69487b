package dev.ugate.model.ssh;

import dev.ugate.model.Cidr;
import dev.ugate.model.Ip;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** From where a key may be used: blocks and patterns of addresses, of which some may be taken out with {@code !}. Names are never looked up. */
public record Sources(List<Item> items) {
    /** From everywhere. */
    public static final Sources ANY = new Sources(List.of());

    /** A block, or a pattern of the address as text. */
    record Item(boolean negated, Optional<Cidr> block, String pattern) {
        boolean matches(InetAddress address) {
            return block.isPresent()
                    ? block.get().contains(address)
                    : Wildcard.matches(pattern, Ip.text(address).toLowerCase(Locale.ROOT));
        }
    }

    public Sources {
        items = List.copyOf(items);
    }

    /** Of {@code from="…"}; throws {@link IllegalArgumentException}. */
    static Sources patterns(String list) {
        List<Item> items = new ArrayList<>();
        for (String text : list.split(",", -1)) {
            boolean negated = text.startsWith("!");
            String pattern = (negated ? text.substring(1) : text).toLowerCase(Locale.ROOT);
            if (pattern.isEmpty()) {
                throw new IllegalArgumentException(
                        "from '" + list + "': empty pattern: expected an address or a block");
            }
            boolean block = pattern.indexOf('/') >= 0 || Ip.parse(pattern).isPresent();
            items.add(new Item(negated, block ? Optional.of(Cidr.parse(pattern)) : Optional.empty(), pattern));
        }
        return new Sources(items);
    }

    /** Of the critical option {@code source-address}; throws {@link IllegalArgumentException}. */
    static Sources blocks(String list) {
        List<Item> items = new ArrayList<>();
        for (String text : list.split(",", -1)) {
            items.add(new Item(false, Optional.of(Cidr.parse(text)), text));
        }
        return new Sources(items);
    }

    /** Whether an address is meant; a peer without one, on a Unix socket, only where everybody is. */
    public boolean include(Optional<InetAddress> address) {
        if (items.isEmpty()) {
            return true;
        }
        boolean found = false;
        for (Item item : items) {
            if (address.filter(item::matches).isPresent()) {
                if (item.negated) {
                    return false;
                }
                found = true;
            }
        }
        return found;
    }
}
