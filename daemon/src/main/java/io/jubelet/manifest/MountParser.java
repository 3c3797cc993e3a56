/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.document.Spelling;
import io.jubelet.pod.VolumeMount;
import io.jubelet.pod.VolumeMount.Propagation;
import io.jubelet.pod.VolumeMount.RecursiveReadOnly;
import io.jubelet.schema.Names;
import io.jubelet.schema.PodFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Parses and validates the volume mounts of one container. */
final class MountParser {

    private MountParser() {}

    /**
     * Parses the mounts. Errors become findings.
     *
     * @param volumes the names of all volumes of the pod
     */
    static List<VolumeMount> parse(FieldReader container, Set<String> volumes) {
        List<VolumeMount> mounts = new ArrayList<>();
        Set<String> paths = new HashSet<>();
        for (FieldReader mount : container.mappings("volumeMounts", PodFields.MOUNT)) {
            String name = mount.requiredText("name", "data");
            String path = mount.requiredText("mountPath", "/data");
            boolean readOnly = mount.flag("readOnly", false);
            if (name != null && !volumes.contains(name)) {
                mount.error("name", noVolume(name, volumes));
            }
            if (path != null && !paths.add(path)) {
                mount.error("mountPath", "another volume is already mounted at " + path);
            } else if (path != null && !Names.canBePath(path)) {
                mount.error("mountPath", Names.NO_PATH);
            }
            Propagation propagation = mount.choice("mountPropagation", Propagation.values(), Propagation.None);
            if (propagation == Propagation.Bidirectional && !privileged(container)) {
                mount.error(
                        "mountPropagation",
                        "can be Bidirectional only in a privileged container because its mounts appear on the node;"
                                + " write HostToContainer, or securityContext.privileged: true");
            }
            RecursiveReadOnly recursive = recursiveReadOnly(mount, readOnly, propagation);
            String subPath = subPath(mount, "subPath");
            String subPathExpr = subPath(mount, "subPathExpr");
            if (!subPath.isEmpty() && !subPathExpr.isEmpty()) {
                mount.error("subPathExpr", "must not be set beside subPath; leave out one of them");
            }
            if (name != null && path != null) {
                mounts.add(new VolumeMount(
                        name,
                        path.startsWith("/") ? path : "/" + path,
                        readOnly,
                        recursive,
                        propagation,
                        subPath,
                        subPathExpr));
            }
        }
        return mounts;
    }

    /** Reads the document because mounts are parsed before the securityContext. */
    private static boolean privileged(FieldReader container) {
        return container.get("securityContext") instanceof Node.Mapping security
                && security.get("privileged") instanceof Node.Scalar flag
                && flag.type() == Node.Type.BOOLEAN
                && flag.isTrue();
    }

    private static RecursiveReadOnly recursiveReadOnly(FieldReader mount, boolean readOnly, Propagation propagation) {
        RecursiveReadOnly recursive =
                mount.choice("recursiveReadOnly", RecursiveReadOnly.values(), RecursiveReadOnly.Disabled);
        if (recursive != RecursiveReadOnly.Disabled) {
            if (!readOnly) {
                mount.error("recursiveReadOnly", "needs a read-only mount; write \"readOnly: true\" too");
            }
            if (propagation != Propagation.None) {
                mount.error("recursiveReadOnly", "cannot be combined with mountPropagation; leave out one of them");
            }
        }
        return recursive;
    }

    private static String subPath(FieldReader mount, String field) {
        String path = mount.text(field, "");
        if (path.startsWith("/")) {
            mount.error(field, "must be relative to the root of the volume; leave out the leading \"/\"");
        } else if (Names.goesUp(path)) {
            mount.error(field, "must not contain \"..\"; write the path it leads to");
        } else if (!Names.canBePath(path)) {
            mount.error(field, Names.NO_PATH);
        }
        return path;
    }

    static String noVolume(String name, Set<String> volumes) {
        String close = Spelling.closest(name, volumes);
        return "spec.volumes has no volume \"" + name + "\""
                + (close == null ? "; add it there" : "; did you mean \"" + close + "\"?");
    }
}
