/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.confinement.Confinement;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.criconfig.ContainerConfigs;
import io.jubelet.criconfig.ContainerMounts;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.criconfig.ReadOnlyMounts;
import io.jubelet.document.FileProblem;
import io.jubelet.images.ImagePuller;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.plan.PodAction.ContainerImages;
import io.jubelet.plan.PodAction.StartContainer;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodAddresses;
import io.jubelet.pod.ProcessSize;
import io.jubelet.podfiles.ContainerFiles;
import io.jubelet.volume.MountFailedException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Configures containers: prepares their volumes and files, resolves their environment and confines
 * the result.
 *
 * <p>Safe for use by many threads. Blocks for the file system and, where a pod needs it, for the
 * runtime.
 */
public final class ContainerConfigurer {

    private final NodeProfile node;
    private final ContainerFiles files;
    private final ContainerEnvironments environments;
    private final Confinement confinement;
    private final SandboxConfigurer sandboxes;
    private final ImagePuller images;

    public ContainerConfigurer(
            NodeProfile node,
            ContainerFiles files,
            ContainerEnvironments environments,
            Confinement confinement,
            SandboxConfigurer sandboxes,
            ImagePuller images) {
        this.node = Objects.requireNonNull(node, "node");
        this.files = Objects.requireNonNull(files, "files");
        this.environments = Objects.requireNonNull(environments, "environments");
        this.confinement = Objects.requireNonNull(confinement, "confinement");
        this.sandboxes = Objects.requireNonNull(sandboxes, "sandboxes");
        this.images = Objects.requireNonNull(images, "images");
    }

    /**
     * Prepares the volumes and files of a container and checks what else its configuration needs, as far as both can be known
     * before its pod starts.
     *
     * @throws ActionFailedException if something that the container needs is missing, or it must
     *     not run as it would
     * @throws CriException.Cancelled if the thread is interrupted
     */
    void prepare(Pod pod, ContainerSpec spec, ContainerImages images) {
        try {
            files.prepare(pod, spec);
            environments.check(pod, spec);
        } catch (MountFailedException e) {
            throw ActionFailedException.ofMount(FileProblem.of(e), e);
        } catch (IOException e) {
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR,
                    "container " + spec.name() + ": " + FileProblem.of(e),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("PrepareUpdate", "interrupted while volumes were set up", e);
        }
        confinement.check(pod, spec, images.own());
    }

    /**
     * The configuration of a container whose volumes and files exist when this returns.
     *
     * @param observed the pod with the addresses of the sandbox, as far as they are known
     * @throws ActionFailedException if something that the container needs is missing, or it must
     *     not run as it would
     * @throws ProcessSize.Large if the environment, command and arguments are large, and {@code large} is false
     * @throws CriException.Cancelled if the thread is interrupted
     */
    ContainerConfig of(StartContainer action, ContainerSpec spec, ObservedPod observed, boolean large)
            throws ProcessSize.Large {
        Pod pod = action.pod();
        ContainerConfig plain;
        try {
            ContainerFiles.Prepared made = files.make(action, spec, observed);
            ProcessSize size = new ProcessSize(large);
            Map<String, String> env = environments.resolve(pod, spec, addresses(action, observed), size);
            ContainerMounts mounts = new ContainerMounts(
                    files.mountSources(pod, spec, made, env),
                    action.images().mounted(),
                    ReadOnlyMounts.recursive(spec, () -> confinement.recursiveReadOnly(pod)),
                    made.hosts(),
                    made.terminationLog());
            plain = ContainerConfigs.of(
                    pod,
                    spec,
                    new ContainerConfigs.Instance(
                            action.attempt(),
                            action.backoff(),
                            action.round(),
                            action.images().own(),
                            mounts),
                    EnvExpansion.expand(spec.process(), env, size),
                    node);
        } catch (ProcessSize.Large e) {
            throw e;
        } catch (MountFailedException e) {
            throw ActionFailedException.ofMount(FileProblem.of(e), e);
        } catch (IOException e) {
            throw new ActionFailedException(KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR, FileProblem.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("CreateContainer", "interrupted while volumes were set up", e);
        }
        return confined(pod, spec, plain);
    }

    private List<String> addresses(StartContainer action, ObservedPod observed) {
        return action.pod().spec().hostNetwork()
                ? node.ips()
                : PodAddresses.ordered(ContainerFiles.addresses(action, observed), node.ips());
    }

    /**
     * After a rejection, the image is looked up again, because by then the reference may name
     * another image.
     */
    private ContainerConfig confined(Pod pod, ContainerSpec spec, ContainerConfig plain) {
        try {
            return confinement.of(pod, spec, plain);
        } catch (ActionFailedException e) {
            images.invalidate(spec.image());
            throw e;
        }
    }

    /** The configuration of the sandbox that the container is created in. */
    PodSandboxConfig ofSandbox(StartContainer action, ObservedPod observed) {
        int attempt = observed.sandboxes().stream()
                .filter(sandbox -> sandbox.id().equals(action.sandbox()))
                .mapToInt(ObservedSandbox::attempt)
                .findFirst()
                .orElse(0);
        return sandboxes.ofExisting(action.pod(), attempt);
    }
}
