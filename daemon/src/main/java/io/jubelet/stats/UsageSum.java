/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Adds the usage of containers, for a pod that has no cgroup of its own and that the runtime does not report. */
final class UsageSum {

    private UsageSum() {}

    /** The sum; its times are the latest. A value that no part has is empty, as is pressure, which cannot be added. */
    static Usage of(List<Usage> parts) {
        List<Usage.Cpu> cpu =
                parts.stream().flatMap(each -> each.cpu().stream()).toList();
        List<Usage.Memory> memory =
                parts.stream().flatMap(each -> each.memory().stream()).toList();
        List<Usage.Swap> swap =
                parts.stream().flatMap(each -> each.swap().stream()).toList();
        return new Usage(
                latest(cpu, Usage.Cpu::time)
                        .map(time -> new Usage.Cpu(
                                time,
                                OptionalLong.empty(),
                                sum(cpu, Usage.Cpu::usageCoreNanoSeconds),
                                Optional.empty())),
                latest(memory, Usage.Memory::time)
                        .map(time -> new Usage.Memory(
                                time,
                                OptionalLong.empty(),
                                sum(memory, Usage.Memory::usage),
                                sum(memory, Usage.Memory::workingSet),
                                sum(memory, Usage.Memory::rss),
                                new Usage.PageFaults(
                                        sum(memory, each -> each.faults().all()),
                                        sum(memory, each -> each.faults().major())),
                                Optional.empty())),
                latest(swap, Usage.Swap::time)
                        .map(time -> new Usage.Swap(time, OptionalLong.empty(), sum(swap, Usage.Swap::usage))),
                Optional.empty());
    }

    private static <T> Optional<Instant> latest(List<T> parts, Function<T, Instant> time) {
        return parts.stream().map(time).max(Instant::compareTo);
    }

    private static <T> OptionalLong sum(List<T> parts, Function<T, OptionalLong> value) {
        return parts.stream()
                .map(value)
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong)
                .reduce(Long::sum);
    }
}
