/**
 * gRPC calls for a client of one server that needs no TLS: the CRI, and the health question of probes. Netty's HTTP/2 codec
 * reads and writes frames, compresses headers and keeps the windows; this package adds what gRPC says about requests,
 * messages and statuses, and how long a connection is used.
 *
 * <p>It takes the place of grpc-java, which also does name resolution, load balancing, retries and telemetry;
 * {@code docs/decisions/0001-grpc-client.md} compares the two.
 */
package io.jubelet.cri.http2;
