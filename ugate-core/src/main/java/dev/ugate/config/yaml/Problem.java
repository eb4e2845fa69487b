package dev.ugate.config.yaml;

/** One thing that is wrong with a file; reads {@code file:line:col: path: problem: expected …}. */
public record Problem(String file, int line, int col, String path, String text) {
    @Override
    public String toString() {
        String where = line == 0 ? file : file + ":" + line + ":" + col;
        return where + ": " + (path.isEmpty() ? "" : path + ": ") + text;
    }
}
