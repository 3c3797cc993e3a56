/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that runs the pods of manifests, and its command line. */
sealed interface Agent {
    Subject subject();

    /** Writes the configuration that the program needs into the workspace, and returns the command line. */
    List<String> command(Workspace workspace, String endpoint) throws IOException;

    /** Jubelet, as built by {@code make build}. */
    record Jubelet(Path program) implements Agent {
        @Override
        public Subject subject() {
            return Subject.JUBELET;
        }

        @Override
        public List<String> command(Workspace workspace, String endpoint) {
            return List.of(
                    program.toString(),
                    "run",
                    "--pod-manifest-path=" + workspace.manifests(),
                    "--container-runtime-endpoint=" + endpoint,
                    "--root-dir=" + workspace.root(),
                    "--pod-logs-dir=" + workspace.logs(),
                    "--api-socket=" + workspace.socket(),
                    "--image-gc-high-threshold=100",
                    "--max-pods=10000",
                    "--hostname-override=" + BusyboxPod.NODE);
        }
    }

    /** Jubelet in a cluster. */
    record Joined(Jubelet alone, Path kubeconfig) implements Agent {
        @Override
        public Subject subject() {
            return Subject.JUBELET;
        }

        @Override
        public List<String> command(Workspace workspace, String endpoint) {
            List<String> command = new ArrayList<>(alone.command(workspace, endpoint));
            command.add("--kubeconfig=" + kubeconfig);
            return command;
        }
    }

    /** Jubelet with the kubelet's port. */
    record Serving(Jubelet alone, StreamMemoryBench.Port port) implements Agent {
        @Override
        public Subject subject() {
            return Subject.JUBELET;
        }

        @Override
        public List<String> command(Workspace workspace, String endpoint) throws IOException {
            List<String> command = new ArrayList<>(alone.command(workspace, endpoint));
            command.add("--config=" + port.configuration(workspace.directory()));
            command.add("--cert-dir=" + workspace.directory().resolve("pki"));
            return command;
        }
    }

    /** The reference kubelet, standalone; what static pods do not need is turned off. */
    record Kubelet(Path program) implements Agent {
        @Override
        public Subject subject() {
            return Subject.KUBELET;
        }

        @Override
        public List<String> command(Workspace workspace, String endpoint) throws IOException {
            Path config = workspace.directory().resolve("kubelet.yaml");
            Files.writeString(config, """
                    apiVersion: kubelet.config.k8s.io/v1beta1
                    kind: KubeletConfiguration
                    staticPodPath: %s
                    podLogsDir: %s
                    containerRuntimeEndpoint: %s
                    authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
                    authorization: {mode: AlwaysAllow}
                    enableServer: false
                    healthzPort: 0
                    cgroupDriver: cgroupfs
                    cgroupsPerQOS: false
                    enforceNodeAllocatable: []
                    failCgroupV1: false
                    failSwapOn: false
                    localStorageCapacityIsolation: false
                    makeIPTablesUtilChains: false
                    maxPods: 1000
                    evictionHard: {memory.available: "1Mi", nodefs.available: "1%%"}
                    """.formatted(workspace.manifests(), workspace.logs(), endpoint));
            // The kubelet bind-mounts its root directory; in its own mount namespace the mount ends with it.
            return List.of(
                    "unshare",
                    "--mount",
                    program.toString(),
                    "--config=" + config,
                    "--root-dir=" + workspace.root(),
                    "--cert-dir=" + workspace.root().resolve("pki"),
                    "--hostname-override=" + BusyboxPod.NODE);
        }
    }
}
