/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import io.jubelet.api.RequestHandler;
import io.jubelet.cri.CriException;
import io.jubelet.stats.Summary;
import io.jubelet.stats.SummaryJson;
import io.jubelet.stats.UsageCollector;
import io.jubelet.stats.UsageCollector.Scope;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /metrics}, {@code /metrics/resource}, {@code /metrics/probes}, {@code /metrics/cadvisor} and
 * {@code /stats/summary}. Safe for use by many threads.
 */
public final class MetricsHandler implements RequestHandler {

    private static final Logger LOG = LoggerFactory.getLogger(MetricsHandler.class);

    private static final List<String> SUMMARY = List.of("stats", "summary");

    private final DaemonMetrics daemon;
    private final UsageCollector usage;

    public MetricsHandler(DaemonMetrics daemon, UsageCollector usage) {
        this.daemon = Objects.requireNonNull(daemon, "daemon");
        this.usage = Objects.requireNonNull(usage, "usage");
    }

    @Override
    public boolean acceptsPost(ApiRequest request) {
        return request.path().equals(SUMMARY);
    }

    @Override
    public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        switch (String.join("/", request.path())) {
            case "metrics" -> {
                Exposition out = begin(request, response);
                daemon.write(out);
                ProcessMetrics.write(out);
                out.end();
            }
            case "metrics/resource" -> {
                Optional<Summary> summary = collect(Scope.COUNTERS);
                Exposition out = begin(request, response);
                ResourceMetrics.write(out, summary);
                out.end();
            }
            case "metrics/probes" -> {
                Exposition out = begin(request, response);
                ProbeMetrics.write(out, daemon.probes(), daemon::fullName);
                out.end();
            }
            case "metrics/cadvisor" -> {
                Optional<Summary> summary = collect(Scope.NETWORK);
                Exposition out = begin(request, response);
                CadvisorMetrics.write(out, summary);
                out.end();
            }
            case "stats/summary" -> summary(request, response);
            default ->
                throw ApiError.notFound("only /metrics, /metrics/resource, /metrics/probes, /metrics/cadvisor and"
                        + " /stats/summary are served here");
        }
    }

    private static Exposition begin(ApiRequest request, ApiResponse response) {
        Exposition.Format format =
                Exposition.Format.accepted(request.header("Accept").orElse(""));
        response.head(200, format.contentType());
        return new Exposition(response, format);
    }

    /** Returns empty if the runtime does not respond, which the metrics show. */
    private Optional<Summary> collect(Scope scope) throws InterruptedException {
        try {
            return Optional.of(usage.collect(scope));
        } catch (CriException.Cancelled e) {
            throw interrupted(e);
        } catch (CriException e) {
            LOG.warn("cannot measure what pods use: error=\"{}\"", e.getMessage());
            return Optional.empty();
        }
    }

    private void summary(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        boolean partly = request.text("only_cpu_and_memory", "").equals("true");
        Summary summary;
        try {
            summary = usage.collect(partly ? Scope.CPU_AND_MEMORY : Scope.ALL);
        } catch (CriException.Cancelled e) {
            throw interrupted(e);
        } catch (CriException e) {
            throw ApiError.internal("cannot measure what pods use: " + e.getMessage());
        }
        response.head(200, "application/json");
        SummaryJson.write(summary, response);
    }

    private static InterruptedException interrupted(CriException.Cancelled cause) {
        InterruptedException interrupted = new InterruptedException("the request was cancelled");
        interrupted.initCause(cause);
        return interrupted;
    }
}
