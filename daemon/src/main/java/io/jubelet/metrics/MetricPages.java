/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which metrics each path serves, for the documentation and its test. */
final class MetricPages {

    private MetricPages() {}

    /** The metrics of each path, in the order in which they are written. */
    static Map<String, List<Metric>> all() {
        Map<String, List<Metric>> pages = new LinkedHashMap<>();
        List<Metric> daemon = new ArrayList<>(DaemonMetrics.ALL);
        daemon.addAll(ProcessMetrics.ALL);
        pages.put("/metrics", daemon);
        pages.put("/metrics/resource", ResourceMetrics.ALL);
        pages.put("/metrics/probes", ProbeMetrics.ALL);
        pages.put("/metrics/cadvisor", CadvisorMetrics.ALL);
        return pages;
    }
}
