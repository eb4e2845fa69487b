package dev.ugate.config.yaml;

/** Where something stands in a file: line and column from 1, 0 for the file as a whole, and the path of keys. */
public record Place(int line, int col, String path) {
    public static final Place FILE = new Place(0, 0, "");

    Place key(String name) {
        return new Place(line, col, path.isEmpty() ? name : path + "." + name);
    }

    Place item(int index) {
        return new Place(line, col, path + "[" + index + "]");
    }

    Place at(int otherLine, int otherCol) {
        return new Place(otherLine, otherCol, path);
    }
}
