package dev.ugate.testing;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A record with some of its components changed, so that a test names only those. */
public final class Changed {
    private Changed() {}

    /** {@code changes}: components by name; throws {@link IllegalArgumentException} for a name that the record lacks. */
    public static <R extends Record> R of(R record, Map<String, ?> changes) {
        RecordComponent[] components = record.getClass().getRecordComponents();
        List<String> names =
                Arrays.stream(components).map(RecordComponent::getName).toList();
        if (!names.containsAll(changes.keySet())) {
            throw new IllegalArgumentException(changes.keySet() + ": expected names among " + names);
        }
        try {
            List<Object> values = new ArrayList<>();
            for (RecordComponent component : components) {
                Object old = component.getAccessor().invoke(record);
                values.add(changes.containsKey(component.getName()) ? changes.get(component.getName()) : old);
            }
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            @SuppressWarnings("unchecked") // the canonical constructor of R's own class
            Constructor<R> canonical = (Constructor<R>) record.getClass().getDeclaredConstructor(types);
            return canonical.newInstance(values.toArray());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
