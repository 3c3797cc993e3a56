/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.Mount;
import io.jubelet.cri.MountPropagation;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.MountSource;
import io.jubelet.pod.VolumeMount;
import io.jubelet.pod.VolumeMount.RecursiveReadOnly;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the mounts of one container instance take their content from. Pure.
 *
 * @param sources the source of each volume mount of the container, in the order of the mounts
 * @param imageIds the runtime's references of the images that are mounted as volumes, by their
 *     reference in the manifest
 * @param recursiveReadOnly whether mounts that ask for it are read-only with everything that is
 *     mounted below them
 * @param hosts the hosts file of the pod, absolute
 * @param terminationLog the file for the termination message of the instance, absolute
 */
public record ContainerMounts(
        List<MountSource> sources,
        Map<String, String> imageIds,
        boolean recursiveReadOnly,
        Path hosts,
        Path terminationLog) {

    private static final String HOSTS_PATH = "/etc/hosts";

    public ContainerMounts {
        sources = List.copyOf(sources);
        imageIds = Map.copyOf(imageIds);
        Objects.requireNonNull(hosts, "hosts");
        Objects.requireNonNull(terminationLog, "terminationLog");
    }

    /**
     * The mounts of the container as the CRI describes them: its volumes, the hosts file and the
     * termination log.
     */
    List<Mount> of(ContainerSpec container) {
        List<Mount> mounts = new ArrayList<>();
        boolean ownHosts = false;
        for (VolumeMount mount : container.volumeMounts()) {
            mounts.add(mount(sources.get(mounts.size()), mount));
            ownHosts |= mount.mountPath().equals(HOSTS_PATH);
        }
        if (!ownHosts) {
            mounts.add(bind(hosts, HOSTS_PATH));
        }
        mounts.add(
                bind(terminationLog, container.lifecycle().terminationMessage().path()));
        return mounts;
    }

    private Mount mount(MountSource source, VolumeMount mount) {
        Mount.Builder builder = Mount.builder()
                .containerPath(mount.mountPath())
                .recursiveReadOnly(recursiveReadOnly && mount.recursiveReadOnly() != RecursiveReadOnly.Disabled)
                .propagation(
                        switch (mount.propagation()) {
                            case None -> MountPropagation.PRIVATE;
                            case HostToContainer -> MountPropagation.HOST_TO_CONTAINER;
                            case Bidirectional -> MountPropagation.BIDIRECTIONAL;
                        });
        return switch (source) {
            case MountSource.OnNode node ->
                builder.hostPath(node.path().toString())
                        .readonly(mount.readOnly() || node.readOnly())
                        .build();
            case MountSource.InImage image ->
                builder.image(ImageSpec.builder()
                                .image(Objects.requireNonNull(imageIds.get(image.reference()), image.reference()))
                                .userSpecifiedImage(image.reference())
                                .build())
                        .imageSubPath(image.subPath())
                        .readonly(true)
                        .build();
        };
    }

    private static Mount bind(Path hostPath, String containerPath) {
        return Mount.builder()
                .hostPath(hostPath.toString())
                .containerPath(containerPath)
                .readonly(false)
                .build();
    }
}
