package dev.ugate.app.log;

/** Writes flat JSON objects and arrays of them; escapes everything that a terminal would act on. */
public final class JsonText {
    private final StringBuilder out;
    private boolean first = true;

    public JsonText(StringBuilder out) {
        this.out = out;
    }

    /** Opens an object. */
    public JsonText begin() {
        separate();
        out.append('{');
        first = true;
        return this;
    }

    /** Closes an object. */
    public JsonText end() {
        out.append('}');
        first = false;
        return this;
    }

    /** Opens an array, as the value of {@code name}. */
    public JsonText array(String name) {
        name(name);
        out.append('[');
        first = true;
        return this;
    }

    public JsonText endArray() {
        out.append(']');
        first = false;
        return this;
    }

    public JsonText field(String name, String value) {
        name(name);
        quote(value);
        return this;
    }

    public JsonText field(String name, long value) {
        name(name);
        out.append(value);
        return this;
    }

    public JsonText field(String name, boolean value) {
        name(name);
        out.append(value);
        return this;
    }

    /** One string of an array. */
    public JsonText item(String value) {
        separate();
        quote(value);
        return this;
    }

    private void name(String name) {
        separate();
        quote(name);
        out.append(':');
    }

    private void separate() {
        if (!first) {
            out.append(',');
        }
        first = false;
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c >= 0x7F && c < 0xA0 || c == 0x2028 || c == 0x2029 || Character.isSurrogate(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
