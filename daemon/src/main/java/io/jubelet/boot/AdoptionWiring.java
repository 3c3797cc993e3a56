/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.adoption.Adoptions;
import io.jubelet.adoption.KubeletFiles;
import io.jubelet.concurrent.Threads;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodStatus;
import io.jubelet.status.PodStatusBuilder;
import java.time.Duration;
import java.util.List;

/** Connects the adoption of a kubelet's pods with the parts that know manifests, directories and pods. */
final class AdoptionWiring {

    /** A pod that does not start keeps the next one waiting no longer. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private AdoptionWiring() {}

    /**
     * Lets the next list of the runtime take over what a kubelet left.
     *
     * @param takeOver whether to adopt more than what was adopted earlier
     */
    static void begin(Runtimes runtimes, Wiring wiring, boolean takeOver) {
        runtimes.adoptions()
                .orElseThrow()
                .begin(
                        new KubeletFiles(wiring.directories),
                        () -> wiring.manifests.current().pods().values(),
                        takeOver);
    }

    /** Starts to replace the pods that run something else than their manifests say. */
    static AutoCloseable replaceOutdated(Runtimes runtimes, Wiring wiring) {
        Adoptions adoptions = runtimes.adoptions().orElseThrow();
        Thread thread = Threads.startVirtual("adoption", () -> {
            try {
                adoptions.replaceOutdated(name -> runs(wiring, name), wiring.workers::observe, PATIENCE);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // the daemon ends; the next one goes on
            }
        });
        return () -> {
            thread.interrupt();
            thread.join();
        };
    }

    private static boolean runs(Wiring wiring, PodName name) {
        return wiring.statusStore
                .report(name)
                .map(report -> PodStatusBuilder.build(report, List.of()).phase())
                .map(phase -> phase == PodStatus.Phase.Running || phase == PodStatus.Phase.Succeeded)
                .orElse(false);
    }
}
