package dev.ugate.config.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A checked value and where it stands. What was wrong is {@link Broken}: its problem is known, and nobody need say it again. */
public sealed interface Value {
    Place place();

    /** A parsed scalar. */
    record Scalar(Place place, Object value) implements Value {}

    /** The items of a list. */
    record Items(Place place, List<Value> values) implements Value {}

    /** Something whose problem was already reported. */
    record Broken(Place place) implements Value {}

    /** Keys and their values. */
    record Fields(Place place, Map<String, Value> values) implements Value {
        public static final Fields NONE = new Fields(Place.FILE, Map.of());

        /** Whether the key was written, even with a broken value. */
        public boolean has(String key) {
            return values.containsKey(key);
        }

        /** Where the key's value stands, or where the mapping does. */
        public Place at(String key) {
            Value value = values.get(key);
            return value == null ? place.key(key) : value.place();
        }

        /** The value of a key, when it was written and is whole. */
        public <T> Optional<T> one(String key, Class<T> type) {
            return values.get(key) instanceof Scalar scalar ? Optional.of(type.cast(scalar.value())) : Optional.empty();
        }

        /** The whole values of a key that holds one or many. */
        public <T> List<T> all(String key, Class<T> type) {
            List<T> all = new ArrayList<>();
            for (Value value : values(key)) {
                if (value instanceof Scalar scalar) {
                    all.add(type.cast(scalar.value()));
                }
            }
            return all;
        }

        /** The items of a key, one item when it holds no list, none when it was not written. */
        public List<Value> values(String key) {
            Value value = values.get(key);
            if (value == null) {
                return List.of();
            }
            return value instanceof Items items ? items.values() : List.of(value);
        }

        /** The whole mappings among the items of a key. */
        public List<Fields> each(String key) {
            List<Fields> each = new ArrayList<>();
            for (Value value : values(key)) {
                if (value instanceof Fields fields) {
                    each.add(fields);
                }
            }
            return each;
        }

        /** The mapping of a key, empty when it was not written. */
        public Fields fields(String key) {
            return values.get(key) instanceof Fields fields ? fields : NONE;
        }
    }
}
