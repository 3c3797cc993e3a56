/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.cri.ContainerId;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Measures when a container sees an edited ConfigMap; the kubelet has no ConfigMaps for static pods. */
final class ConfigBench {
    private static final Pattern PID = Pattern.compile("\"pid\":\\s*(\\d+)");
    private static final String MAP = """
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: settings
            data:
              level: "%s"
            """;

    private final AgentBench agent;
    private final RuntimeView view;
    private final Sizes sizes;
    private final Results results;

    ConfigBench(AgentBench agent, RuntimeView view, Sizes sizes, Results results) {
        this.agent = agent;
        this.view = view;
        this.sizes = sizes;
        this.results = results;
    }

    void config() throws Exception {
        agent.warmedUp("config", daemon -> {
            Path map = daemon.workspace().manifests().resolve("settings.yaml");
            Files.writeString(map, MAP.formatted("0"));
            List<Double> starts = new ArrayList<>();
            BusyboxPod last = null;
            for (int i = 0; i < sizes.starts(); i++) {
                last = BusyboxPod.named("config-" + i).withConfig();
                BusyboxPod pod = last;
                List<Path> staged = List.of(daemon.workspace().stage(pod));
                starts.add(agent.untilStarted(pod, () -> daemon.workspace().moveAll(staged)));
            }
            ContainerId container =
                    view.awaitStarted(last, null, AgentBench.TIMEOUT).id();
            Path seen = Path.of("/proc/" + pid(container) + "/root/settings/level");
            List<Double> edits = new ArrayList<>();
            for (int i = 1; i <= sizes.starts(); i++) {
                Thread.sleep(500);
                Instant begin = Instant.now();
                Files.writeString(map, MAP.formatted(i));
                edits.add(Elapsed.milliseconds(begin, awaitText(seen, Integer.toString(i))));
            }
            results.add(Metric.CONFIG_START, agent.subject(), new Samples(starts));
            results.add(Metric.CONFIG_EDIT, agent.subject(), new Samples(edits));
        });
    }

    private static Instant awaitText(Path file, String text) throws IOException {
        Eventually.within(AgentBench.TIMEOUT)
                .every(Duration.ofMillis(1))
                .until("the text " + text + " in " + file, () -> Files.readString(file), text::equals);
        return Instant.now();
    }

    private long pid(ContainerId container) {
        String info = view.connection()
                .runtimeService()
                .containerStatusVerbose(container)
                .info()
                .toString();
        Matcher matcher = PID.matcher(info);
        if (!matcher.find()) {
            throw new BenchException("no pid in " + info);
        }
        return Long.parseLong(matcher.group(1));
    }
}
