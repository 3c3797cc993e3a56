package io.jubelet.cri;

/** What kind of number a metric is. */
public enum MetricType {
    /** It only grows. */
    COUNTER,
    /** It goes up and down. */
    GAUGE
}
