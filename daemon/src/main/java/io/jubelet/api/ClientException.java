package io.jubelet.api;

/** A request of {@link LocalClient} that came to nothing; the message tells a user what is wrong and what to do. */
public final class ClientException extends Exception {

    private static final long serialVersionUID = 1L;

    ClientException(String message, Throwable cause) {
        super(message, cause);
    }
}
