/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.cgroup.CgroupUsage.Pressure;
import io.jubelet.cgroup.CgroupUsage.Stall;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;

/** Writes a {@link Summary} as {@code stats.k8s.io/v1alpha1}. */
public final class SummaryJson {

    private static final JsonFactory FACTORY = new JsonFactory()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);

    private SummaryJson() {}

    /** Writes it; does not close the stream. */
    public static void write(Summary summary, OutputStream target) throws IOException {
        try (JsonGenerator out = FACTORY.createGenerator(target)) {
            out.writeStartObject();
            out.writeFieldName("node");
            node(out, summary.node());
            out.writeArrayFieldStart("pods");
            for (Summary.Pod pod : summary.pods()) {
                pod(out, pod);
            }
            out.writeEndArray();
            out.writeEndObject();
        }
    }

    private static void node(JsonGenerator out, Summary.Node node) throws IOException {
        out.writeStartObject();
        out.writeStringField("nodeName", node.name());
        if (!node.systemGroups().isEmpty()) {
            out.writeArrayFieldStart("systemContainers");
            for (Summary.Group group : node.systemGroups()) {
                out.writeStartObject();
                out.writeStringField("name", group.name());
                time(out, "startTime", group.startTime());
                usage(out, group.usage());
                out.writeEndObject();
            }
            out.writeEndArray();
        }
        time(out, "startTime", node.startTime());
        usage(out, node.usage());
        network(out, node.network());
        if (node.disks().isPresent()) {
            Summary.Disks disks = node.disks().get();
            fileSystem(out, "fs", disks.node());
            out.writeObjectFieldStart("runtime");
            fileSystem(out, "imageFs", disks.images());
            fileSystem(out, "containerFs", disks.containers());
            out.writeEndObject();
        }
        if (node.processes().isPresent()) {
            Summary.Processes processes = node.processes().get();
            out.writeObjectFieldStart("rlimit");
            time(out, "time", processes.time());
            out.writeNumberField("maxpid", processes.most());
            out.writeNumberField("curproc", processes.running());
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private static void pod(JsonGenerator out, Summary.Pod pod) throws IOException {
        out.writeStartObject();
        out.writeObjectFieldStart("podRef");
        out.writeStringField("name", pod.reference().name());
        out.writeStringField("namespace", pod.reference().namespace());
        out.writeStringField("uid", pod.reference().uid());
        out.writeEndObject();
        time(out, "startTime", pod.startTime());
        out.writeArrayFieldStart("containers");
        for (Summary.Container container : pod.containers()) {
            out.writeStartObject();
            out.writeStringField("name", container.name());
            time(out, "startTime", container.startTime());
            usage(out, container.usage());
            fileSystem(out, "rootfs", container.writableLayer());
            fileSystem(out, "logs", container.logs());
            out.writeEndObject();
        }
        out.writeEndArray();
        usage(out, pod.usage());
        network(out, pod.network());
        if (pod.storage().isPresent()) {
            storage(out, pod.storage().get());
        }
        if (pod.processes().isPresent()) {
            out.writeObjectFieldStart("process_stats");
            number(out, "process_count", pod.processes());
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private static void storage(JsonGenerator out, Summary.Storage storage) throws IOException {
        if (!storage.volumes().isEmpty()) {
            out.writeArrayFieldStart("volume");
            for (Summary.Volume volume : storage.volumes()) {
                out.writeStartObject();
                fileSystem(out, volume.usage());
                out.writeStringField("name", volume.name());
                out.writeEndObject();
            }
            out.writeEndArray();
        }
        fileSystem(out, "ephemeral-storage", Optional.of(storage.ephemeral()));
    }

    private static void usage(JsonGenerator out, Usage usage) throws IOException {
        if (usage.cpu().isPresent()) {
            Usage.Cpu cpu = usage.cpu().get();
            out.writeObjectFieldStart("cpu");
            time(out, "time", cpu.time());
            number(out, "usageNanoCores", cpu.usageNanoCores());
            number(out, "usageCoreNanoSeconds", cpu.usageCoreNanoSeconds());
            pressure(out, cpu.pressure());
            out.writeEndObject();
        }
        if (usage.memory().isPresent()) {
            Usage.Memory memory = usage.memory().get();
            out.writeObjectFieldStart("memory");
            time(out, "time", memory.time());
            number(out, "availableBytes", memory.available());
            number(out, "usageBytes", memory.usage());
            number(out, "workingSetBytes", memory.workingSet());
            number(out, "rssBytes", memory.rss());
            number(out, "pageFaults", memory.faults().all());
            number(out, "majorPageFaults", memory.faults().major());
            pressure(out, memory.pressure());
            out.writeEndObject();
        }
        if (usage.io().isPresent()) {
            out.writeObjectFieldStart("io");
            time(out, "time", usage.io().get().time());
            pressure(out, usage.io().get().pressure());
            out.writeEndObject();
        }
        if (usage.swap().isPresent()) {
            Usage.Swap swap = usage.swap().get();
            out.writeObjectFieldStart("swap");
            time(out, "time", swap.time());
            number(out, "swapAvailableBytes", swap.available());
            number(out, "swapUsageBytes", swap.usage());
            out.writeEndObject();
        }
    }

    private static void pressure(JsonGenerator out, Optional<Pressure> pressure) throws IOException {
        if (pressure.isPresent()) {
            out.writeObjectFieldStart("psi");
            stall(out, "full", pressure.get().full());
            stall(out, "some", pressure.get().some());
            out.writeEndObject();
        }
    }

    /** As in the kubelet, the total is in microseconds although the Go type says nanoseconds. */
    private static void stall(JsonGenerator out, String name, Stall stall) throws IOException {
        out.writeObjectFieldStart(name);
        out.writeNumberField("total", stall.totalMicros());
        out.writeNumberField("avg10", stall.avg10());
        out.writeNumberField("avg60", stall.avg60());
        out.writeNumberField("avg300", stall.avg300());
        out.writeEndObject();
    }

    private static void network(JsonGenerator out, Optional<Summary.Network> measured) throws IOException {
        if (measured.isEmpty()) {
            return;
        }
        Summary.Network network = measured.get();
        out.writeObjectFieldStart("network");
        time(out, "time", network.time());
        if (network.main().isPresent()) {
            traffic(out, network.main().get());
        } else {
            out.writeStringField("name", "");
        }
        out.writeArrayFieldStart("interfaces");
        for (Summary.Interface each : network.interfaces()) {
            out.writeStartObject();
            traffic(out, each);
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void traffic(JsonGenerator out, Summary.Interface network) throws IOException {
        out.writeStringField("name", network.name());
        number(out, "rxBytes", network.received());
        number(out, "rxErrors", network.receiveErrors());
        number(out, "txBytes", network.sent());
        number(out, "txErrors", network.sendErrors());
    }

    private static void fileSystem(JsonGenerator out, String name, Optional<Summary.FileSystem> measured)
            throws IOException {
        if (measured.isPresent()) {
            out.writeObjectFieldStart(name);
            fileSystem(out, measured.get());
            out.writeEndObject();
        }
    }

    private static void fileSystem(JsonGenerator out, Summary.FileSystem measured) throws IOException {
        time(out, "time", measured.time());
        number(out, "availableBytes", measured.size().available());
        number(out, "capacityBytes", measured.size().capacity());
        number(out, "usedBytes", measured.used());
        number(out, "inodesFree", measured.size().freeInodes());
        number(out, "inodes", measured.size().inodes());
        number(out, "inodesUsed", measured.usedInodes());
    }

    private static void number(JsonGenerator out, String name, OptionalLong value) throws IOException {
        if (value.isPresent()) {
            out.writeNumberField(name, value.getAsLong());
        }
    }

    /** A {@code metav1.Time} has whole seconds. */
    private static void time(JsonGenerator out, String name, Instant time) throws IOException {
        out.writeStringField(name, time.truncatedTo(ChronoUnit.SECONDS).toString());
    }
}
