package io.jubelet.cri.http2;

/** Who waits for the answer of a call. Told on the connection's thread, and so may not block. */
public interface CallListener {

    /** The answer has begun: the server has accepted the call. Not told of answers that are nothing but a status. */
    void onHeaders();

    /** A message of the answer, which nobody else keeps. */
    void onMessage(byte[] message);

    /** The call has ended; told once, and nothing is told after it. */
    void onClose(GrpcStatus status);
}
