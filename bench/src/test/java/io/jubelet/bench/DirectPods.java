/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.grpc.CriConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** Creates pods by direct calls to the runtime, with the fewest calls that a pod needs. */
final class DirectPods {
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final RuntimeService runtime;
    private final ImageService images;
    private final Path logs;

    private DirectPods(CriConnection connection, Path logs) {
        this.runtime = connection.runtimeService();
        this.images = connection.imageService();
        this.logs = logs;
    }

    /** Creates pods whose logs and files are in a new directory below this one. */
    static DirectPods in(CriConnection connection, Path where) {
        try {
            return new DirectPods(connection, Files.createTempDirectory(Files.createDirectories(where), "floor-"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A pod with a container that was started, or is to be. */
    record Running(
            BusyboxPod pod, PodSandboxConfig config, PodSandboxId sandbox, String imageId, ContainerId container) {}

    Running start(BusyboxPod pod) {
        Running created = create(pod);
        start(created);
        return created;
    }

    /** Starts the container of a pod that was created. */
    void start(Running created) {
        runtime.startContainer(created.container());
    }

    /** Creates a sandbox and a container that is not started yet. */
    Running create(BusyboxPod pod) {
        PodSandboxConfig config = pod.sandboxConfig(logs);
        Path files = Path.of(config.logDirectory());
        makeFiles(files);
        PodSandboxId sandbox = runtime.runPodSandbox(config, "");
        Image image = images.imageStatus(pod.imageSpec());
        if (image == null) {
            throw new BenchException(
                    "the runtime lacks the image " + pod.imageSpec().image());
        }
        ContainerId container = runtime.createContainer(sandbox, pod.containerConfig(image.id(), 0, files), config);
        return new Running(pod, config, sandbox, image.id(), container);
    }

    /** Starts the container of the pod again after it has ended. */
    ContainerId startAgain(Running pod) {
        ContainerId container = runtime.createContainer(
                pod.sandbox(),
                pod.pod().containerConfig(pod.imageId(), 1, Path.of(pod.config().logDirectory())),
                pod.config());
        runtime.startContainer(container);
        return container;
    }

    void stopContainer(Running pod) {
        runtime.stopContainer(pod.container(), GRACE);
    }

    void stop(Running pod) {
        stopContainer(pod);
        runtime.stopPodSandbox(pod.sandbox());
    }

    void remove(Running pod) {
        runtime.removePodSandbox(pod.sandbox());
    }

    Instant startedAt(ContainerId container) {
        return runtime.containerStatus(container).startedAt();
    }

    /** Creates the directory of the log and the files of the container. */
    private static void makeFiles(Path directory) {
        try {
            Files.createDirectories(directory.resolve("main"));
            Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost\n");
            Files.writeString(directory.resolve("termination-log"), "");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
