package io.jubelet.cri;

/** Which streams of a process to connect, and whether through a terminal; a terminal has no separate stderr. */
public record StreamOptions(boolean tty, boolean stdin, boolean stdout, boolean stderr) {
    public StreamOptions {
        if (tty && stderr) {
            throw new IllegalArgumentException("a terminal has no separate stderr");
        }
        if (!stdin && !stdout && !stderr) {
            throw new IllegalArgumentException("no stream chosen");
        }
    }
}
