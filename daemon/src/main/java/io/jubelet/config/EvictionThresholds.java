/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.EVICTION_HARD;
import static io.jubelet.config.Settings.MERGE_DEFAULT_EVICTION_SETTINGS;

import io.jubelet.pod.Quantity;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How much of each resource must stay free on the node, by the signal that {@code evictionHard} names it with. Below it the
 * node is under pressure. Nothing is evicted, because static pods never are.
 *
 * @param hard quantities or percentages, as written
 */
public record EvictionThresholds(Map<String, String> hard) {

    /** Those of the kubelet. A map in the configuration replaces all of them, unless they are to be merged. */
    public static final EvictionThresholds DEFAULT = new EvictionThresholds(Map.of(
            "memory.available", "100Mi",
            "nodefs.available", "10%",
            "nodefs.inodesFree", "5%",
            "imagefs.available", "15%",
            "imagefs.inodesFree", "5%"));

    private static final List<String> SIGNALS = List.of(
            "memory.available",
            "nodefs.available",
            "nodefs.inodesFree",
            "imagefs.available",
            "imagefs.inodesFree",
            "pid.available");

    public EvictionThresholds {
        hard = Map.copyOf(hard);
    }

    static EvictionThresholds read(SettingReader settings) {
        boolean merged = settings.flag(MERGE_DEFAULT_EVICTION_SETTINGS);
        if (!settings.has(EVICTION_HARD)) {
            settings.inEffect(EVICTION_HARD, DEFAULT.hard);
            return DEFAULT;
        }
        Map<String, String> hard = new HashMap<>(merged ? DEFAULT.hard : Map.of());
        for (Map.Entry<String, String> entry : settings.textMap(EVICTION_HARD).entrySet()) {
            Optional<String> withoutEffect = withoutEffect(entry.getKey());
            Optional<String> problem = problem(entry.getKey(), entry.getValue());
            if (withoutEffect.isPresent()) {
                settings.warn(EVICTION_HARD, withoutEffect.get());
            } else if (problem.isPresent()) {
                settings.error(EVICTION_HARD, problem.get());
            } else {
                hard.put(entry.getKey(), entry.getValue());
            }
        }
        settings.inEffect(EVICTION_HARD, hard);
        return new EvictionThresholds(hard);
    }

    /** Why a signal that the kubelet knows has no effect here; empty when it has one, or is unknown. */
    private static Optional<String> withoutEffect(String signal) {
        return switch (signal) {
            case "containerfs.available", "containerfs.inodesFree" ->
                Optional.of(
                        signal + " has no effect, as with the kubelet: what containers write is on nodefs or imagefs,"
                                + " whose thresholds count");
            case "allocatableMemory.available" ->
                Optional.of(
                        signal + " has no effect: the memory that all pods use is not measured; memory.available is");
            default -> Optional.empty();
        };
    }

    private static Optional<String> problem(String signal, String text) {
        if (!SIGNALS.contains(signal)) {
            return Optional.of("there is no signal \"" + signal + "\"; there are " + String.join(", ", SIGNALS));
        }
        try {
            amount(text, 0);
            return Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.of(
                    signal + " must be a positive quantity or a percentage such as 5%, and is \"" + text + "\"");
        }
    }

    /**
     * How much of {@code capacity} must stay free; 0 when there is no threshold for that signal.
     *
     * @param capacity all that there is, in bytes, inodes or processes
     */
    public long floor(String signal, long capacity) {
        String amount = hard.get(signal);
        return amount == null ? 0 : amount(amount, capacity);
    }

    private static long amount(String text, long capacity) {
        if (!text.endsWith("%")) {
            Quantity quantity = Quantity.parse(text);
            if (quantity.number().signum() <= 0) {
                throw new IllegalArgumentException("not positive: " + text);
            }
            return quantity.value();
        }
        if (text.equals("100%")) {
            return 0; // to the kubelet this is no threshold
        }
        BigDecimal percent = new BigDecimal(text.substring(0, text.length() - 1));
        if (percent.signum() < 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0) {
            throw new IllegalArgumentException("not from 0 to 100: " + text);
        }
        return percent.multiply(BigDecimal.valueOf(capacity)).movePointLeft(2).longValue();
    }
}
