/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;

/**
 * The command line of the benchmark.
 *
 * @param endpoint the socket of the runtime, which only the benchmark uses
 * @param work the directory of all files that are written
 * @param jubelet the daemon; null if it is not measured
 * @param kubelet the reference kubelet; null if it is not measured
 * @param crictl the command that runs commands in containers without a daemon; null if it is not measured
 * @param strict whether a missed target is a failure
 */
record BenchOptions(
        String endpoint,
        Path work,
        Path jubelet,
        Path kubelet,
        Path crictl,
        Set<Part> only,
        boolean quick,
        boolean strict) {
    /** The parts of the benchmark, by their names on the command line. */
    enum Part {
        START,
        RESTART,
        EDIT,
        DELETE,
        MANY,
        IDLE,
        LIFE,
        VOLUMES,
        PROBES,
        CONFIG,
        PULL,
        STARTUP,
        CLUSTER,
        STREAMS,
        SIMULATED;

        /** Whether it measures one pod after another, so that the floor and Jubelet can take turns. */
        boolean single() {
            return switch (this) {
                case START, RESTART, EDIT, DELETE, VOLUMES -> true;
                case MANY, IDLE, LIFE, PROBES, CONFIG, PULL, STARTUP, CLUSTER, STREAMS, SIMULATED -> false;
            };
        }

        static Part named(String name) {
            return Arrays.stream(values())
                    .filter(part -> part.name().equalsIgnoreCase(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("unknown part " + name + "; the parts are "
                            + Arrays.toString(values()).toLowerCase(Locale.ROOT)));
        }
    }

    Sizes sizes() {
        return quick ? Sizes.quick() : Sizes.full();
    }

    boolean has(Part part) {
        return only.contains(part);
    }

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException if it is invalid; the message says why
     */
    static BenchOptions parse(String... arguments) {
        String endpoint = null;
        Path work = null;
        Path jubelet = null;
        Path kubelet = null;
        Path crictl = null;
        Set<Part> only = EnumSet.allOf(Part.class);
        boolean quick = false;
        boolean strict = false;
        Queue<String> rest = new ArrayDeque<>(List.of(arguments));
        while (!rest.isEmpty()) {
            String option = rest.remove();
            switch (option) {
                case "--quick" -> quick = true;
                case "--strict" -> strict = true;
                case "--endpoint" -> endpoint = value(option, rest);
                case "--work" -> work = Path.of(value(option, rest)).toAbsolutePath();
                case "--jubelet" -> jubelet = Path.of(value(option, rest)).toAbsolutePath();
                case "--kubelet" -> kubelet = Path.of(value(option, rest)).toAbsolutePath();
                case "--crictl" -> crictl = Path.of(value(option, rest)).toAbsolutePath();
                case "--only" -> {
                    only = EnumSet.noneOf(Part.class);
                    for (String name : value(option, rest).split(",")) {
                        only.add(Part.named(name));
                    }
                }
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }
        if (endpoint == null || work == null) {
            throw new IllegalArgumentException("--endpoint and --work are required");
        }
        return new BenchOptions(endpoint, work, jubelet, kubelet, crictl, only, quick, strict);
    }

    private static String value(String option, Queue<String> rest) {
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return rest.remove();
    }
}
