package io.jubelet.api;

/**
 * A request of {@link LocalClient} failed; the message tells the user what is wrong and what to do.
 */
public final class ClientException extends Exception {

    private static final long serialVersionUID = 1L;

    ClientException(String message, Throwable cause) {
        super(message, cause);
    }
}
