/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.cri.grpc.GrpcHealthCheck;
import io.jubelet.probe.PodProbes;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Calls the health service for gRPC probes. Loaded by the first of them. */
final class GrpcProbes {

    private static final GrpcHealthCheck CLIENT = new GrpcHealthCheck(PodProbes.USER_AGENT);

    private GrpcProbes() {}

    /** Why a service is not healthy; empty when it is. */
    static String trouble(String host, int port, String service, Duration timeout) {
        return CLIENT.check(new InetSocketAddress(host, port), service, timeout).message();
    }
}
