/**
 * Speaks CRI v1 over a Unix socket. Records go in and out; generated code stays in here, and what moves its bytes is in
 * {@code http2}.
 *
 * <p>One connection has one thread, {@code cri-io}, which moves bytes and never runs code of ours that could block.
 * Callers block on their own threads, and read there what was answered. Mappings are split by theme, so that a process loads
 * only the classes of the calls it makes.
 */
package io.jubelet.cri.grpc;
