/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.config.DaemonConfig;
import io.jubelet.desired.ManifestBudget;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the heap of the JVM must hold when every limit is reached at the same time, and how a heap of another size is divided.
 * Pure.
 *
 * <p>The heap is a ceiling: an ordinary daemon needs a part of it, and takes no more from the system. {@code bin/jubelet} sets it
 * by the same formula, because nothing but the JVM runs at a start.
 */
final class MemoryBudget {

    static final long MIB = 1 << 20;

    /** The young generation, {@code -Xmn4m}. */
    private static final int YOUNG_MIB = 4;

    /** What the daemon itself keeps. Measured: 11 to 13 MiB after a collection, without pods. */
    private static final int DAEMON_MIB = 13;

    /** One manifest that is read: 3 MiB of bytes, its text, 100,000 values, the pod, and its JSON. */
    private static final int READING_MIB = 34;

    /** One large process that is started, and eight of 64 KiB. */
    private static final int STARTING_MIB = 12;

    /** One list of the runtime with the annotations of all manifests, as message and as records. */
    private static final int LISTING_MIB = 18;

    /** The shared JSON of two kinds of watches, and buffers of 128 connections, 96 logs and the probes. */
    private static final int SERVING_MIB = 10;

    /**
     * 160 streams of at most 12 KiB. Their windows and the codecs of SPDY lie outside of the heap: together 560 KiB of a stream
     * whose client sends a part of the largest frame and no more. Measured, as the figure of a connection with TLS below is.
     */
    private static final int STREAMS_MIB = 2;

    /** On each listener that takes commands two requests of 1 MiB, as bytes, as text and as the words of a command. */
    private static final int LONG_REQUESTS_MIB = 8;

    /** What is not loaded unless it is configured. {@code bin/jubelet} has the same figures. */
    enum Feature {
        /** A page of 100 objects with 128 KiB of text each, the mirror pods, and eight requests at once. */
        CLUSTER(32),
        /** The kubelet's port: 256 connections with TLS of 7 KiB, and 256 users of 32 KiB for whom the API server has vouched. */
        KUBELET_PORT(10 + LONG_REQUESTS_MIB),
        /**
         * The Kubernetes API: of each of five kinds 4 MiB of changes and 8 MiB of lists that are read in parts; besides the newest
         * change of 3 MiB, and 128 connections with TLS.
         */
        KUBERNETES_API(64 + LONG_REQUESTS_MIB);

        private final int mib;

        Feature(int mib) {
            this.mib = mib;
        }

        /** Those that are configured. */
        static Set<Feature> of(DaemonConfig config) {
            Set<Feature> features = EnumSet.noneOf(Feature.class);
            if (config.cluster().kubeconfig().isPresent()) {
                features.add(CLUSTER);
            }
            if (config.listeners().kubelet().isOpen()) {
                features.add(KUBELET_PORT);
            }
            if (config.listeners().kubernetes().isOpen()) {
                features.add(KUBERNETES_API);
            }
            return features;
        }
    }

    /** What does not depend on the number of pods, in MiB. {@code bin/jubelet} has the same figure. */
    static final int FIXED_MIB = YOUNG_MIB
            + DAEMON_MIB
            + READING_MIB
            + STARTING_MIB
            + LISTING_MIB
            + SERVING_MIB
            + STREAMS_MIB
            + LONG_REQUESTS_MIB
            + (int) (ManifestBudget.DEFAULT_BYTES / MIB);

    /** A pod with its worker, views, status, probes and events takes 1/8 MiB. {@code bin/jubelet} has the same figure. */
    static final int PODS_PER_MIB = 8;

    /** With a smaller heap the manifests still have this, and other parts might not have what they can need. */
    private static final long LEAST_FOR_MANIFESTS = 4 * MIB;

    private final long needed;
    private final long heap;

    /**
     * @param maxPods how many pods may run
     * @param features what is configured
     * @param heap the largest size of the heap in bytes, as the JVM says; it might lack a part of the young generation
     */
    MemoryBudget(int maxPods, Set<Feature> features, long heap) {
        int more = features.stream().mapToInt(feature -> feature.mib).sum();
        this.needed = (FIXED_MIB + more + (long) maxPods / PODS_PER_MIB) * MIB;
        this.heap = heap + MIB;
    }

    /** The heap in bytes that suffices whatever happens. */
    long needed() {
        return needed;
    }

    /** The memory in bytes for the content of all manifests: what nothing else can need. */
    long manifests() {
        return Math.max(LEAST_FOR_MANIFESTS, heap - needed + ManifestBudget.DEFAULT_BYTES);
    }

    /** What to say when the heap is too small; empty when it suffices. */
    Optional<String> warning() {
        if (heap >= needed) {
            return Optional.empty();
        }
        return Optional.of("the heap has " + heap / MIB + " MiB, and " + needed / MIB
                + " MiB are needed when all limits are reached; manifests have " + manifests() / MIB
                + " MiB of it. Set JUBELET_JAVA_OPTS=-Xmx" + needed / MIB + "m, or lower maxPods");
    }
}
