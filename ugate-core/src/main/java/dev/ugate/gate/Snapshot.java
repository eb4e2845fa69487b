package dev.ugate.gate;

/** An immutable value that is replaced whole and read once per stream; the only way that configuration reaches live loops. */
public final class Snapshot<T> {
    private volatile T value;

    public Snapshot(T value) {
        this.value = value;
    }

    public T read() {
        return value;
    }

    public void replace(T next) {
        value = next;
    }
}
