/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * A gRPC client for one server without TLS: it carries the CRI and the health checks of gRPC
 * probes. Netty's HTTP/2 codec reads and writes frames, compresses headers and does flow control;
 * this package adds the requests, messages and statuses of gRPC and manages connections. Only
 * {@code cri.grpc} imports it.
 *
 * <p>It replaces grpc-java, which also does name resolution, load balancing, retries and telemetry;
 * {@code docs/decisions/0001-grpc-client.md} compares the two.
 */
@NullMarked
package io.jubelet.cri.http2;

import org.jspecify.annotations.NullMarked;
