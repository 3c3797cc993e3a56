/**
 * gRPC calls over HTTP/2 on a channel of Netty, for a client of one server that needs no TLS: the CRI, and the health question
 * of probes.
 *
 * <p>grpc-java did this before. It is made for more: name resolution, load balancing, retries, telemetry. Each of our calls
 * went through all of it, and with Guava it was an eighth of the classes that a daemon loads. What is left for us is
 * little: frames (RFC 9113), flow control, and statuses. Netty moves the bytes and reads compressed headers (RFC 7541).
 */
package io.jubelet.cri.http2;
