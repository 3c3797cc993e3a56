/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.e2e.RegistryUnderTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Measures pulls, from a registry on the loopback, of an image that shares no layer with those of the runtime. */
final class PullBench {
    private static final String REPOSITORY = "bench/pull";
    private static final long BYTES = 200_000_000;
    private static final int SAMPLES = 3;

    private final RuntimeView view;
    private final Results results;

    PullBench(RuntimeView view, Results results) {
        this.view = view;
        this.results = results;
    }

    /** Measures the call to the runtime alone. */
    void floor() throws Exception {
        try (RegistryUnderTest registry = new RegistryUnderTest(false)) {
            List<Double> taken = new ArrayList<>();
            for (int i = 0; i < SAMPLES; i++) {
                String image = push(registry, "floor-" + i);
                Instant begin = Instant.now();
                images().pullImage(ImageSpec.of(image), null, null);
                taken.add(Elapsed.seconds(begin, Instant.now()));
                remove(image);
            }
            results.add(Metric.PULL, Subject.FLOOR, new Samples(taken));
        }
    }

    /** Measures the time from the manifest to the start of the container. */
    void with(AgentBench agent) throws Exception {
        try (RegistryUnderTest registry = new RegistryUnderTest(false)) {
            agent.warmedUp("pull", daemon -> {
                List<Double> taken = new ArrayList<>();
                for (int i = 0; i < SAMPLES; i++) {
                    String image = push(registry, agent.subject().label() + "-" + i);
                    BusyboxPod pod = BusyboxPod.named("pull-" + i);
                    Path staged = daemon.workspace().stage(pod);
                    Files.writeString(
                            staged, Files.readString(staged).replaceAll("image: [^\\s,}]+", "image: " + image));
                    taken.add(agent.untilStarted(pod, () -> daemon.workspace().moveAll(List.of(staged))) / 1000);
                }
                results.add(Metric.PULL, agent.subject(), new Samples(taken));
            });
            for (int i = 0; i < SAMPLES; i++) {
                remove(registry.host() + "/" + REPOSITORY + ":"
                        + agent.subject().label() + "-" + i);
            }
        }
    }

    private static String push(RegistryUnderTest registry, String tag) throws Exception {
        registry.push(REPOSITORY, tag, tag, BYTES);
        return registry.host() + "/" + REPOSITORY + ":" + tag;
    }

    private void remove(String reference) {
        Image image = images().imageStatus(ImageSpec.of(reference));
        if (image != null) {
            images().removeImage(ImageSpec.of(image.id()));
        }
    }

    private ImageService images() {
        return view.connection().imageService();
    }
}
