package io.jubelet.boot;

import io.jubelet.cri.grpc.GrpcHealthCheck;
import io.jubelet.probe.PodProbes;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Asks what grpc probes want to know; made by the first of them. */
final class GrpcProbes {

    private static final GrpcHealthCheck ASKED = new GrpcHealthCheck(PodProbes.USER_AGENT);

    private GrpcProbes() {}

    /** What is wrong with a service; empty when it serves. */
    static String trouble(String host, int port, String service, Duration timeout) {
        return ASKED.check(new InetSocketAddress(host, port), service, timeout).message();
    }
}
