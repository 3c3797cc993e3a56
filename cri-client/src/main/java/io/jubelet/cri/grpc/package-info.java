/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The CRI services over gRPC: maps records to protobuf messages and back, and makes the calls with
 * {@code cri.http2}. Only {@code boot} imports this package, and generated protobuf code occurs in
 * no other.
 *
 * <p>One connection has one I/O thread, {@code cri-io}, which never runs code that could block.
 * Callers block on their own threads and parse responses there. Mappings are split by topic, so
 * that a process loads only the classes of the calls that it makes.
 */
@NullMarked
package io.jubelet.cri.grpc;

import org.jspecify.annotations.NullMarked;
