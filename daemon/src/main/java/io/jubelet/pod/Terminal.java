package io.jubelet.pod;

/** What of a terminal a container is given. */
public record Terminal(boolean stdin, boolean stdinOnce, boolean tty) {

    /** Nothing. */
    public static final Terminal NONE = new Terminal(false, false, false);
}
