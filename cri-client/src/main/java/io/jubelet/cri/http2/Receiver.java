package io.jubelet.cri.http2;

/** Who waits for the answer of a call. Told on the connection's thread, and so may not block. */
public interface Receiver {

    /** The answer has begun: the server has accepted the call. Not told of answers that are nothing but a status. */
    void begun();

    /** A message of the answer, which nobody else keeps. */
    void message(byte[] message);

    /** The call has ended; told once, and nothing is told after it. */
    void ended(GrpcStatus status);
}
