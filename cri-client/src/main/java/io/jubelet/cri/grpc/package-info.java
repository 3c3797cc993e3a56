/**
 * Speaks CRI v1 over a Unix socket. Records go in and out; gRPC, Netty and generated code stay in here.
 *
 * <p>One connection has one thread, {@code cri-io}, which moves bytes and never runs code of ours that could block.
 * Callers block on their own threads. Method descriptors are made per call, and mappings are split by theme, so that a
 * process loads only the classes of the calls it makes.
 */
package io.jubelet.cri.grpc;
