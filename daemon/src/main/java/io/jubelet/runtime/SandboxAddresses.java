/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.RuntimeService;
import io.jubelet.document.FileProblem;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.plan.PodAction.StartContainer;
import io.jubelet.pod.PodAddresses;
import io.jubelet.podfiles.ContainerFiles;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the IP addresses of new sandboxes, on a thread of its own while the first container is
 * being created.
 *
 * <p>Safe for use by many threads.
 */
public final class SandboxAddresses {

    private final RuntimeService runtime;
    private final BackgroundTask.Starter beside;
    private final ContainerFiles files;
    private final Supplier<List<String>> nodeIps;

    /**
     * @param beside runs the lookups
     * @param nodeIps the present IP addresses of the node, the primary one first; may be empty
     */
    public SandboxAddresses(
            RuntimeService runtime,
            BackgroundTask.Starter beside,
            ContainerFiles files,
            Supplier<List<String>> nodeIps) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.beside = Objects.requireNonNull(beside, "beside");
        this.files = Objects.requireNonNull(files, "files");
        this.nodeIps = Objects.requireNonNull(nodeIps, "nodeIps");
    }

    /**
     * Starts to look up the addresses of the sandbox; empty if they are known or the pod is on the
     * network of the node.
     */
    Optional<Lookup> lookUp(StartContainer action, ObservedPod before) {
        boolean known = action.pod().spec().hostNetwork()
                || before.sandboxes().stream()
                        .anyMatch(
                                s -> s.id().equals(action.sandbox()) && !s.ips().isEmpty());
        return known ? Optional.empty() : Optional.of(new Lookup(action.sandbox()));
    }

    /**
     * The pod with the addresses of the sandbox, which are written to its hosts file as well.
     * Containers have that file mounted without the addresses, and none of them runs yet.
     */
    ObservedPod add(Lookup lookup, StartContainer action, ObservedPod before) {
        List<String> addresses = PodAddresses.ordered(lookup.await(), nodeIps.get());
        try {
            files.writeHosts(action.pod(), addresses);
        } catch (IOException e) {
            throw new ActionFailedException(KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR, FileProblem.of(e), e);
        }
        return before.sandboxes().stream()
                .filter(sandbox -> sandbox.id().equals(action.sandbox()))
                .findFirst()
                .map(sandbox -> before.with(sandbox.at(addresses).madeAt(lookup.createdAt.orElse(sandbox.createdAt()))))
                .orElse(before);
    }

    /** A lookup under way. Used by one thread beside that of the lookup. */
    final class Lookup {

        private final BackgroundTask task;

        /** The end of {@link #task} publishes this and the next two fields. */
        private List<String> addresses = List.of();

        /** When the sandbox was created, by the runtime's clock. */
        private Optional<Instant> createdAt = Optional.empty();

        private @Nullable CriException failure;

        private Lookup(PodSandboxId sandbox) {
            this.task = beside.start("addresses/" + sandbox.value(), () -> run(sandbox));
        }

        private void run(PodSandboxId sandbox) {
            try {
                PodSandboxStatus status = runtime.podSandboxStatus(sandbox);
                List<String> found = new ArrayList<>();
                if (status.network() != null && !status.network().ip().isEmpty()) {
                    found.add(status.network().ip());
                    status.network().additionalIps().forEach(further -> found.add(further.ip()));
                }
                addresses = List.copyOf(found);
                createdAt = Optional.ofNullable(status.createdAt());
            } catch (CriException.NotFound _) {
                addresses = List.of(); // the sandbox is gone, as the start of the container will report
            } catch (CriException e) {
                failure = e;
            }
        }

        /** The addresses, the primary one first; empty if the sandbox has none. */
        private List<String> await() {
            try {
                task.awaitEnd();
            } catch (InterruptedException e) {
                task.interrupt();
                Thread.currentThread().interrupt();
                throw new CriException.Cancelled(
                        "PodSandboxStatus", "interrupted while waiting for the pod's addresses", e);
            }
            if (failure != null) {
                throw failure;
            }
            return addresses;
        }
    }
}
