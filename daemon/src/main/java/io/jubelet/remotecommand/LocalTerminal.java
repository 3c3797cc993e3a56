/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import io.jubelet.remotecommand.TerminalCalls.Size;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.Optional;

/**
 * The terminal of the user, while a command in a container has it. Whatever ends this process except SIGKILL gives the
 * terminal its attributes back.
 */
public final class LocalTerminal implements AutoCloseable {

    private static final int STDIN = 0;
    private static final int STDOUT = 1;

    private final byte[] before;
    private final Thread hook = new Thread(this::restore, "terminal");
    private boolean restored;

    /** Receives the size of the terminal, in characters. */
    public interface SizeReceiver {
        void accept(int columns, int rows);
    }

    private LocalTerminal(byte[] before) {
        this.before = Objects.requireNonNull(before, "before");
    }

    /**
     * Switches the terminal of the standard input to raw mode: keys such as Ctrl-C become input and no signals. Empty if the
     * standard input is no terminal.
     */
    public static Optional<LocalTerminal> raw() {
        Optional<byte[]> attributes = TerminalCalls.attributes(STDIN);
        if (attributes.isEmpty()) {
            return Optional.empty();
        }
        LocalTerminal terminal = new LocalTerminal(attributes.get());
        // The hook also runs when SIGTERM, SIGHUP or an error ends the JVM.
        Runtime.getRuntime().addShutdownHook(terminal.hook);
        TerminalCalls.set(STDIN, TerminalCalls.raw(attributes.get()));
        return Optional.of(terminal);
    }

    /** Whether the standard input is a terminal. */
    public static boolean isInput() {
        return TerminalCalls.attributes(STDIN).isPresent();
    }

    /** Hands over the size of the terminal now, and again whenever it changes, on a thread of the JVM. */
    public void onSize(SizeReceiver receiver) {
        onWindowChange(() -> size().ifPresent(size -> receiver.accept(size.columns(), size.rows())));
        size().ifPresent(size -> receiver.accept(size.columns(), size.rows()));
    }

    private static Optional<Size> size() {
        return TerminalCalls.size(STDOUT).or(() -> TerminalCalls.size(STDIN));
    }

    /**
     * Handles SIGWINCH. The JDK has no other way than {@code sun.misc.Signal}, whose use the compiler warns about and cannot be
     * told not to; so it is found by name.
     */
    private static void onWindowChange(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    LocalTerminal.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        return switch (method.getName()) {
                            case "handle" -> {
                                action.run();
                                yield null;
                            }
                            case "hashCode" -> System.identityHashCode(self);
                            case "equals" -> self == arguments[0];
                            default -> "the handler of SIGWINCH";
                        };
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM lacks sun.misc.Signal of the module jdk.unsupported", e);
        }
    }

    /** Gives the terminal its attributes back. */
    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is ending, and the hook has run or finds nothing to do.
        }
    }

    private synchronized void restore() {
        if (!restored) {
            restored = true;
            TerminalCalls.set(STDIN, before);
        }
    }
}
